// The languages that tiny models for many of them know.
export const LANGUAGES = 'en fr de es it pt ru uk ar hi ja ko zh tr pl nl'.split(' ')
