package org.alborz.tune.cells;

import java.util.Locale;

/** Draws a cell as SVG: its input on the left, a column for each node, its result on the right. */
public final class CellDrawing {
    private static final int COLUMN = 190;
    private static final int HEIGHT = 300;
    private static final int BOX = 44;
    private static final int MARGIN = 60;

    private final StringBuilder svg = new StringBuilder();
    private final Cell cell;

    private CellDrawing(Cell cell) {
        this.cell = cell;
    }

    /** Returns the drawing. */
    public static String svg(Cell cell) {
        return new CellDrawing(cell).draw();
    }

    private String draw() {
        int count = cell.nodes().size() + 2;
        int width = 2 * MARGIN + (count - 1) * COLUMN;
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                width, HEIGHT, width, HEIGHT);
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", width, HEIGHT);
        for (int i = 0; i < cell.nodes().size(); i++) {
            Cell.Node node = cell.nodes().get(i);
            edge(node.left(), i + 1, node.leftOperation().label(), -1);
            edge(node.right(), i + 1, node.rightOperation().label(), 1);
        }
        for (int end : cell.looseEnds()) {
            edge(end, count - 1, "", 0);
        }
        for (int i = 0; i < count; i++) {
            box(i, i == 0 ? "input" : i == count - 1 ? "result" : "+ " + i);
        }
        return svg.append("</svg>\n").toString();
    }

    private void box(int column, String text) {
        add(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#eef3fa\" stroke=\"#3465a4\"/>",
                x(column) - BOX / 2.0, y(column) - BOX / 2.0, BOX, BOX);
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", x(column), y(column) + 4, text);
    }

    /** An arc, above or below by its side and the columns that it passes. */
    private void edge(int from, int to, String label, int side) {
        double bend = side * (22 + 30.0 * (to - from - 1)) + (side == 0 && to - from > 1 ? 40 : 0);
        double middle = (x(from) + x(to)) / 2;
        double height = (y(from) + y(to)) / 2 + 2 * bend;
        add(
                "<path d=\"M %.1f %.1f Q %.1f %.1f %.1f %.1f\" fill=\"none\" stroke=\"#555\"/>",
                x(from) + BOX / 2.0, y(from), middle, height, x(to) - BOX / 2.0, y(to));
        if (!label.isEmpty()) {
            add(
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>",
                    middle, (y(from) + y(to)) / 4 + height / 2 + (side < 0 ? -5 : 13), label);
        }
    }

    private static double x(int column) {
        return MARGIN + column * (double) COLUMN;
    }

    /** Columns are above and below the middle in turn, so that arcs over several do not meet their boxes. */
    private double y(int column) {
        boolean end = column == 0 || column == cell.nodes().size() + 1;
        return HEIGHT / 2.0 + (end ? 0 : column % 2 == 0 ? 24 : -24);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
