/** Work that is cheaper together waits for what is about to come, and never for long. */

/**
 * Calls back once a turn of the event loop has brought nothing more, or enough is there: when much is going on, what
 * arrives in several turns is taken together; when little is, nobody waits longer than for two turns.
 *
 * @param waiting - How many wait now.
 * @param enough - More than so many gain nothing.
 */
export function gather(waiting: () => number, enough: number, then: () => void): void {
  const look = (before: number): void => {
    const now = waiting()
    if (now > before && now < enough) setImmediate(look, now)
    else then()
  }
  setImmediate(look, 0)
}
