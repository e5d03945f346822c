package org.alborz.examples.lessons;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.QuadCurve2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.alborz.tune.cells.Cell;

/** Draws a cell: its input on the left, a box for each node, the result on the right, and what is done on the way along the arrows. */
final class CellPicture {
    private static final int COLUMN = 220;
    private static final int MARGIN = 60;
    private static final int BOX = 54;

    private final Graphics2D graphics;
    private final BufferedImage image;
    private final int height;

    private CellPicture(int columns) {
        height = 110 * columns - 120; // room for an arc over all boxes between
        image = new BufferedImage(2 * MARGIN + (columns - 1) * COLUMN, height, BufferedImage.TYPE_INT_RGB);
        graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), height);
    }

    static BufferedImage of(Cell cell) {
        List<Cell.Node> nodes = cell.nodes();
        int result = nodes.size() + 1;
        CellPicture picture = new CellPicture(result + 1);
        for (int i = 1; i <= nodes.size(); i++) {
            picture.arc(nodes.get(i - 1).left(), i, -1);
            picture.arc(nodes.get(i - 1).right(), i, 1);
        }
        for (int end : cell.looseEnds()) {
            picture.arc(end, result, end == result - 1 ? 0 : -1);
        }
        for (int i = 1; i <= nodes.size(); i++) { // over all arcs
            Cell.Node node = nodes.get(i - 1);
            picture.label(node.left(), i, -1, node.leftOperation().label());
            picture.label(node.right(), i, 1, node.rightOperation().label());
        }
        picture.box(0, "input");
        for (int i = 1; i <= nodes.size(); i++) {
            picture.box(i, "+ " + i);
        }
        picture.box(result, "result");
        picture.graphics.dispose();
        return picture.image;
    }

    private static int x(int column) {
        return MARGIN + column * COLUMN;
    }

    private void box(int column, String text) {
        graphics.setColor(new Color(0xeeeeee));
        graphics.fillRoundRect(x(column) - BOX / 2, height / 2 - BOX / 2, BOX, BOX, 12, 12);
        graphics.setColor(Color.BLACK);
        graphics.drawRoundRect(x(column) - BOX / 2, height / 2 - BOX / 2, BOX, BOX, 12, 12);
        write(text, x(column), height / 2 + 5);
    }

    /** Returns how far an arc is drawn out: above the boxes for side −1, below for 1, the more boxes it passes the further. */
    private static int bend(int from, int to, int side) {
        return side * (70 + 110 * (to - from - 1));
    }

    private void arc(int from, int to, int side) {
        double y = height / 2.0 + side * BOX / 4.0;
        int end = x(to) - BOX / 2;
        graphics.setColor(Color.DARK_GRAY);
        graphics.setStroke(new BasicStroke(1.5f));
        double middle = (x(from) + x(to)) / 2.0;
        graphics.draw(new QuadCurve2D.Double(x(from) + BOX / 2.0, y, middle, y + bend(from, to, side), end, y));
        graphics.fillOval(end - 4, (int) y - 4, 8, 8); // where it ends
        graphics.setStroke(new BasicStroke(1));
    }

    private void label(int from, int to, int side, String text) {
        int centre = (x(from) + x(to)) / 2;
        int baseline = (height + side * BOX / 2 + bend(from, to, side)) / 2 + (side < 0 ? -6 : 16);
        int width = graphics.getFontMetrics().stringWidth(text);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(centre - width / 2 - 2, baseline - 12, width + 4, 15);
        graphics.setColor(Color.BLACK);
        write(text, centre, baseline);
    }

    private void write(String text, int centre, int baseline) {
        graphics.drawString(text, centre - graphics.getFontMetrics().stringWidth(text) / 2, baseline);
    }
}
