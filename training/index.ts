/** The whole face of `training/`. */
export {}
