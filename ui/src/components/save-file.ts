/** Let the browser save a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // Firefox reads the address only after the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
