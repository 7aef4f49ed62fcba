/** The whole face of `models/`. */
export {}
