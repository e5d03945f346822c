package org.alborz.examples.drawing;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alborz.tensor.Tensor;

/** A computational graph: inputs at the left, gates further right, and at each of them its value above the line and its gradient below. */
public final class Circuit {
    private static final int COLUMN = 128;
    private static final int ROW = 84;
    private static final int RADIUS = 18;
    private static final int MARGIN = 40;

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private int inputs;

    private record Node(String sign, double value, double gradient, int column, double row, List<String> from) {}

    /** Adds an input, below those before. */
    public Circuit input(String name, Tensor value, Tensor gradient) {
        nodes.put(name, new Node(name, value.item(), gradient.item(), 0, inputs++, List.of()));
        return this;
    }

    /**
     * Adds a gate.
     *
     * @param name what gates after it call it
     * @param sign what is drawn in it
     * @param value a scalar, and so is the gradient
     * @param from the names of inputs and gates before it
     */
    public Circuit gate(String name, String sign, Tensor value, Tensor gradient, String... from) {
        int column = 0;
        double row = 0;
        for (String input : from) {
            Node node = nodes.get(input);
            if (node == null) {
                throw new IllegalArgumentException("expected an input or gate before " + name + ", got '" + input
                        + "'; there are " + nodes.keySet() + ".");
            }
            column = Math.max(column, node.column() + 1);
            row += node.row() / from.length;
        }
        nodes.put(name, new Node(sign, value.item(), gradient.item(), column, row, List.of(from)));
        return this;
    }

    /** Draws it. */
    public BufferedImage draw() {
        Fonts.require();
        int columns = nodes.values().stream().mapToInt(Node::column).max().orElse(0) + 1;
        BufferedImage image = new BufferedImage(
                columns * COLUMN + MARGIN, Math.max(1, inputs) * ROW + MARGIN, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setStroke(new BasicStroke(1.5f));
        graphics.setFont(Style.FONT);
        nodes.values().forEach(node -> lines(graphics, node));
        nodes.values().forEach(node -> node(graphics, node));
        graphics.dispose();
        return image;
    }

    private static int x(Node node) {
        return MARGIN + node.column() * COLUMN;
    }

    private static int y(Node node) {
        return (int) Math.round(ROW / 2.0 + MARGIN / 2.0 + node.row() * ROW);
    }

    /** Each line leaves its source straight, below and above the numbers, and then goes to the gate. */
    private void lines(Graphics2D graphics, Node to) {
        graphics.setColor(Color.GRAY);
        for (String input : to.from()) {
            Node from = nodes.get(input);
            int bend = x(from) + COLUMN - 2 * RADIUS - 8;
            graphics.drawLine(x(from), y(from), bend, y(from));
            graphics.drawLine(bend, y(from), x(to), y(to));
        }
    }

    private static void node(Graphics2D graphics, Node node) {
        int x = x(node);
        int y = y(node);
        graphics.setColor(Color.WHITE);
        graphics.fillOval(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
        graphics.setColor(Color.BLACK);
        if (!node.from().isEmpty()) {
            graphics.drawOval(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
        }
        int width = graphics.getFontMetrics().stringWidth(node.sign());
        graphics.drawString(node.sign(), x - width / 2, y + 5);
        graphics.setColor(Style.colour(0));
        graphics.drawString(number(node.value()), x + RADIUS + 5, y - 4);
        graphics.setColor(Style.colour(1));
        graphics.drawString(number(node.gradient()), x + RADIUS + 5, y + 15);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
