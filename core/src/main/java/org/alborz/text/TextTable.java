package org.alborz.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lines of columns to print in a font of one width: text is aligned to the left, numbers are to the right. */
public final class TextTable {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /** Starts a table with its header; a column whose title begins with {@code >} is aligned to the right. */
    public TextTable(String... header) {
        right = new boolean[header.length];
        String[] titles = new String[header.length];
        for (int i = 0; i < header.length; i++) {
            right[i] = header[i].startsWith(">");
            titles[i] = right[i] ? header[i].substring(1) : header[i];
        }
        rows.add(titles);
    }

    /** Adds a row of a cell for each column. */
    public TextTable row(String... cells) {
        if (cells.length != right.length) {
            throw new IllegalArgumentException(
                    "row expects " + right.length + " cells, got " + cells.length + ": " + Arrays.toString(cells));
        }
        rows.add(cells.clone());
        return this;
    }

    /** Returns the lines, the header underlined, each ended by a line feed. */
    @Override
    public String toString() {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            line(text, rows.get(i), widths);
            if (i == 0) {
                int width = Arrays.stream(widths).sum() + 2 * (widths.length - 1);
                text.append("-".repeat(width)).append('\n');
            }
        }
        return text.toString();
    }

    private void line(StringBuilder text, String[] cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String space = " ".repeat(widths[i] - cells[i].length());
            line.append(i == 0 ? "" : "  ").append(right[i] ? space + cells[i] : cells[i] + space);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }
}
