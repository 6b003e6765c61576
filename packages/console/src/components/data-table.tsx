import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import { classNames } from './class-names.ts';

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'left' | 'right';
  /** Utilities for the cell, for example a width or a screen size from which it shows. */
  readonly className?: string;
}

/** For the one column of long text: it takes the width that the others leave, ends in dots, and is not there in narrow windows. */
export const FILLS_THE_REST = 'hidden w-full max-w-0 truncate text-second wide:table-cell';

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Opens the rows behind a row; the first cell should hold the same as a link for the keyboard. */
  readonly onOpen?: (row: Row) => void;
  readonly isChosen?: (row: Row) => boolean;
}

/** A region that scrolls must be reachable with the keyboard. */
const SCROLLS = { tabIndex: 0 } as const;

const isInteractive = (target: EventTarget): boolean => target instanceof Element && target.closest('a,button,input,select,label') !== null;

/** Rows of 32 px between hairlines; numbers to the right; scrolls sideways rather than wrap. */
export function DataTable<Row>({ label, columns, rows, rowKey, onOpen, isChosen }: DataTableProps<Row>) {
  const cellClass = (column: Column<Row>): string => classNames(column.align === 'right' && 'text-right!', column.className);
  const open = (row: Row, event: MouseEvent | KeyboardEvent): void => {
    if (onOpen !== undefined && !isInteractive(event.target)) onOpen(row);
  };
  return (
    <div className="relative overflow-x-auto focus-visible:-outline-offset-2" {...SCROLLS}>
      <table className="table">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={classNames(cellClass(column), 'text-third! font-normal!')}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-link={onOpen !== undefined} data-chosen={isChosen?.(row) === true} onClick={(event) => open(row, event)}>
              {columns.map((column) => (
                <td key={column.id} className={cellClass(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
