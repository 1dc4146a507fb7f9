/** How the report looks: on light and dark ground, on a phone, a desk and on paper. */
import { PALETTE } from '../drawing.ts'

const series = (ground: 'light' | 'dark') => PALETTE.map((colours, i) => `--series-${i}:${colours[ground]}`).join(';')

const LIGHT = `--ink:#1b1f1a;--ground:#fdfdfb;--soft:#586152;--line:#d3d8cd;--card:#f4f6f1;--link:#0b5f94;--holds:#1d6b37;--not:#a3341c;--open:#765700;${series('light')}`
const DARK = `--ink:#e8ebe4;--ground:#161915;--soft:#a9b2a5;--line:#3c4339;--card:#1f231d;--link:#86c5f0;--holds:#7fd09a;--not:#f0907a;--open:#e3c067;${series('dark')}`
const PAPER = `--ink:#000;--ground:#fff;--soft:#333;--line:#aaa;--card:#fff;--link:#000;--holds:#1d6b37;--not:#a3341c;--open:#765700;${series('light')}`

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media(prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${PAPER}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .75rem}
h2{margin:2.75rem 0 .75rem;font-size:1.35rem;line-height:1.25}
h3{margin:0;font-size:1.02rem;line-height:1.4}
p{max-width:44rem;margin:.6rem 0}a{color:var(--link)}
a:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.lead{font-size:1.08rem}.soft{color:var(--soft)}
code,pre{font-family:ui-monospace,monospace;font-size:.85rem}code{overflow-wrap:anywhere}
pre{background:var(--card);padding:1rem;border-radius:.5rem;white-space:pre-wrap;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0 0}
.verdict{font-weight:600;white-space:nowrap}.holds{color:var(--holds)}.not{color:var(--not)}.open{color:var(--open)}
.answers,.claims{list-style:none;padding:0;margin:1rem 0}
.answers{display:grid;gap:.1rem}
.answers li{display:grid;grid-template-columns:1.5rem 8rem minmax(0,1fr);gap:.15rem .6rem;padding:.45rem 0;border-bottom:1px solid var(--line)}
.answers .effect{grid-column:3;color:var(--soft);font-size:.92rem}
.claims{display:grid;gap:1rem}
.claims>li{background:var(--card);border-left:.3rem solid currentColor;border-radius:.3rem;padding:.8rem 1rem;break-inside:avoid}
.claims .body{color:var(--ink)}.claims p{margin:.35rem 0}
.scroll{overflow-x:auto;position:relative}
table{border-collapse:collapse;font-size:.92rem;min-width:min(100%,40rem)}
caption{text-align:left;color:var(--soft);padding-bottom:.3rem}
th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{vertical-align:bottom}
th[scope=row]{font-weight:500;position:sticky;left:0;background:var(--ground);min-width:6.5rem}
@media(min-width:48rem){th[scope=row]{white-space:nowrap}}
tbody.group th[scope=rowgroup]{padding-top:1rem;color:var(--soft);font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
details{margin:1rem 0}summary{cursor:pointer}
figure{margin:1.25rem 0;padding:1rem;background:var(--card);border-radius:.5rem;break-inside:avoid}
.panels{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr))}
.small .panels{grid-template-columns:repeat(auto-fill,minmax(clamp(8.5rem,22%,13rem),1fr));gap:.5rem}
.panels svg{width:100%;height:auto;max-width:27rem;display:block}.small .panels svg{max-width:14rem}
.panels image{image-rendering:pixelated}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;padding:0;margin:0 0 .6rem;font-size:.88rem}
.legend svg{margin-right:.4rem;overflow:visible}
figcaption{margin-top:.7rem;font-size:.9rem;color:var(--soft)}figcaption b{color:var(--ink)}
.download{white-space:nowrap}
dl.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1rem;margin:.8rem 0}
dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
.sample{margin:1rem 0;padding-bottom:.6rem;border-bottom:1px solid var(--line);break-inside:avoid}
@media(min-width:48rem){.single{display:grid;grid-template-columns:minmax(0,27rem) minmax(0,1fr);column-gap:1.5rem}
.single .legend{grid-column:1/-1}.single figcaption{margin-top:0}}
@media(max-width:30rem){main{padding:1.25rem 1rem 3rem}h1{font-size:1.55rem}figure{padding:.75rem;margin:1rem 0}
.answers li{grid-template-columns:1.3rem minmax(0,1fr)}.answers li>*,.answers .effect{grid-column:2}.answers .number{grid-column:1;grid-row:1}
dl.facts{grid-template-columns:minmax(0,1fr);gap:0}dl.facts dd{margin-bottom:.5rem}}
@media print{main{max-width:none;padding:0}body{font-size:10.5pt}figure{padding:0}nav,.download{display:none}
details::details-content{content-visibility:visible;display:block;height:auto}.scroll{overflow:visible}table{font-size:6.5pt;min-width:0;line-height:1.3}
th,td{padding-right:.35rem}th[scope=row]{min-width:0;white-space:normal}.n{white-space:normal}.small .panels{grid-template-columns:repeat(4,1fr)}.panels{grid-template-columns:repeat(2,1fr)}a{text-decoration:none}}
`
