/** The whole face of `serving/`. */
export {}
