package org.alborz.tune.cells;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alborz.tune.SearchSpace;
import org.alborz.tune.Settings;

/**
 * A small graph of operations (Zoph et al. 2018): each node adds what two operations make of two earlier values, and the cell's result is
 * the sum of the nodes that no other reads. Value 0 is the cell's input, value i that of node i.
 *
 * @param nodes in an order in which each reads only earlier ones
 */
public record Cell(List<Node> nodes) {
    /**
     * A sum of two.
     *
     * @param left value that is read first
     * @param leftOperation what is done with it
     * @param right value that is read second
     * @param rightOperation what is done with it
     */
    public record Node(int left, CellOperation leftOperation, int right, CellOperation rightOperation) {}

    public Cell {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("A cell expects at least one node");
        }
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (node.left < 0 || node.left > i || node.right < 0 || node.right > i) {
                throw new IllegalArgumentException("Node " + (i + 1) + " expects to read values from 0 to " + i
                        + ", got " + node.left + " and " + node.right);
            }
        }
    }

    /**
     * Returns the space of all cells with so many nodes, for {@link #of}. Each setting is a choice, so {@link org.alborz.tune.RandomSearch}
     * and {@link org.alborz.tune.EvolutionSearch} search it well.
     */
    public static SearchSpace space(int nodes) {
        if (nodes < 1) {
            throw new IllegalArgumentException("A space of cells expects at least 1 node, got " + nodes);
        }
        String[] operations = new String[CellOperation.values().length];
        for (CellOperation operation : CellOperation.values()) {
            operations[operation.ordinal()] = operation.name().toLowerCase(Locale.ROOT);
        }
        SearchSpace.Builder space = SearchSpace.builder();
        for (int i = 1; i <= nodes; i++) {
            String[] values = new String[i];
            for (int k = 0; k < i; k++) {
                values[k] = Integer.toString(k);
            }
            for (String side : new String[] {"left", "right"}) {
                if (i > 1) {
                    space.choice(name(i, side), values);
                }
                space.choice(name(i, side + "_operation"), operations);
            }
        }
        return space.build();
    }

    private static String name(int node, String what) {
        return "node" + node + "_" + what;
    }

    /** Returns the cell that settings of {@link #space} describe. */
    public static Cell of(Settings settings) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 1; settings.has(name(i, "left_operation")); i++) {
            nodes.add(new Node(
                    input(settings, i, "left"),
                    operation(settings, i, "left"),
                    input(settings, i, "right"),
                    operation(settings, i, "right")));
        }
        return new Cell(nodes);
    }

    private static int input(Settings settings, int node, String side) {
        return node == 1 ? 0 : Integer.parseInt(settings.choice(name(node, side)));
    }

    private static CellOperation operation(Settings settings, int node, String side) {
        return CellOperation.valueOf(
                settings.choice(name(node, side + "_operation")).toUpperCase(Locale.ROOT));
    }

    /** Returns the values that no node reads, whose sum is the result. */
    public List<Integer> looseEnds() {
        List<Integer> ends = new ArrayList<>();
        for (int i = 1; i <= nodes.size(); i++) {
            int value = i;
            if (nodes.stream().noneMatch(node -> node.left == value || node.right == value)) {
                ends.add(value);
            }
        }
        return ends;
    }

    /** Returns the nodes, a line each. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            text.append(i + 1)
                    .append(" = ")
                    .append(node.leftOperation.label())
                    .append('(')
                    .append(value(node.left))
                    .append(") + ")
                    .append(node.rightOperation.label())
                    .append('(')
                    .append(value(node.right))
                    .append(")\n");
        }
        return text.append("result = ")
                .append(String.join(
                        " + ", looseEnds().stream().map(String::valueOf).toList()))
                .toString();
    }

    private static String value(int index) {
        return index == 0 ? "input" : Integer.toString(index);
    }
}
