const SERIES_COLOURS = 5;

/** Colour of the series at this place, as a custom property of the theme. */
export const seriesColour = (index: number): string => `--series-${(index % SERIES_COLOURS) + 1}`;
