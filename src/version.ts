// The version of the toolkit, written into cards and printed by --version. A test compares it with package.json.

export const VERSION = '0.1.0'
