/** What is used of AssemblyScript's compiler. Its own types would bring those of its language, whose arrays differ, to all of ours. */
interface Asc {
  main(
    options: readonly string[],
    host: {
      readonly readFile: (name: string) => string | null
      readonly writeFile: (name: string, contents: string | Uint8Array) => void
      readonly listFiles: () => readonly string[]
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>
}

declare const asc: Asc
export default asc
