/** @file Which vault this browser has. */
import { openCache } from './cache'
import { openFolder } from './opfs'
import type { Vault } from './vault'

/** Throws `unsupported` where a page can keep nothing. */
export const openVault = async (): Promise<Vault> => (await openFolder()) ?? (await openCache())
