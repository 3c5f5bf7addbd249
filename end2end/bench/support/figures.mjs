// Figures of several rounds, and how they are printed.

/** The value below which this share of the samples lies. */
export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export function median(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `12.3 (11.0-14.2)`: the median and how far the rounds lie apart. */
export function spread(samples, digits = 0) {
  if (samples.length === 0) return "not measured";
  const fixed = (value) => value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${fixed(median(samples))} (${fixed(Math.min(...samples))}-${fixed(Math.max(...samples))}, n ${samples.length})`;
}

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}
