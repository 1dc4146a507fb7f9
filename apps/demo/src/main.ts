/** The page begins: with the list of models that there are. */
import { byId, setMessage } from './dom.ts'
import { fetchList } from './list.ts'
import { errorMessage } from './model-loader.ts'
import { Page } from './page.ts'

fetchList().then(
  list => new Page(list),
  error => setMessage(byId('page-error'), `There are no models to show. ${errorMessage(error)}`),
)
