/** A loader process that does what the path of a document says. */
process.on('disconnect', () => process.exit(0));
process.on('message', ({ path }: { path: string }) => {
  if (path === 'exit') process.exit(7);
  process.send?.({ type: 'loaded', document: { title: path, text: String(process.pid), sections: [], rows: false } });
  // Damaged by the document before, it ends with the next one.
  if (path === 'damage') process.prependListener('message', () => process.exit(1));
});
process.send?.({ type: 'ready' });
