/** What is wider than the page scrolls by itself, and then can be reached by keyboard. */
export function watchScrollers(): void {
  for (const place of document.querySelectorAll<HTMLElement>('.scroll')) {
    const look = () => {
      if (place.scrollWidth > place.clientWidth) place.tabIndex = 0
      else place.removeAttribute('tabindex')
    }
    const observer = new ResizeObserver(look)
    observer.observe(place)
    for (const child of place.children) observer.observe(child)
  }
}
