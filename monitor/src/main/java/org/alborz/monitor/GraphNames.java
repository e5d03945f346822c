package org.alborz.monitor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.alborz.graph.Graph;
import org.alborz.graph.Leaf;
import org.alborz.graph.Step;
import org.alborz.graph.Value;
import org.alborz.ops.Binary;
import org.alborz.ops.Compare;
import org.alborz.ops.Op;
import org.alborz.ops.Unary;

/**
 * Names for the nodes of a graph: an operation that reads a parameter is in that parameter's layer, {@code stage1/0/conv1/Conv2d}, and one
 * that reads none is where its latest input was made, or, if that was a layer with parameters, in what contains the layer.
 */
final class GraphNames {
    private final List<String> leaves = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();

    /** What made each value that was met: its layer, and whether it is a parameter or made of parameters only, or by a layer with some. */
    private final Map<Value, Origin> origins = new HashMap<>();

    private record Origin(int order, String layer, Kind kind) {
        String layerOfReader() {
            return kind == Kind.OF_A_LAYER ? parent(layer) : layer;
        }
    }

    private enum Kind {
        PARAMETER,
        OF_A_LAYER,
        OTHER
    }

    GraphNames(Graph graph) {
        for (Leaf leaf : graph.leaves()) {
            boolean named = leaf.kind() == Leaf.Kind.PARAMETER || leaf.name().contains(".");
            String path = leaf.name().replace('.', '/');
            String name = named ? path : leaf.kind().name().toLowerCase(Locale.ROOT) + "_" + path;
            leaves.add(unique(name));
            origins.put(leaf.value(), new Origin(-1, named ? parent(path) : "", named ? Kind.PARAMETER : Kind.OTHER));
        }
        for (int i = 0; i < graph.steps().size(); i++) {
            Step step = graph.steps().get(i);
            Origin origin = origin(i, step);
            String prefix = origin.layer().isEmpty() ? "" : origin.layer() + "/";
            steps.add(unique(prefix + operation(step.op())));
            step.results().forEach(result -> origins.put(result, origin));
        }
    }

    /** Returns the names of {@link Graph#leaves}. */
    List<String> leaves() {
        return leaves;
    }

    /** Returns the names of {@link Graph#steps}. */
    List<String> steps() {
        return steps;
    }

    private Origin origin(int order, Step step) {
        Origin parameter = null;
        Origin latest = null;
        for (Value input : step.inputs()) {
            Origin from = input == null ? null : origins.get(input);
            if (from != null && from.kind() == Kind.PARAMETER) {
                parameter = parameter == null ? from : parameter;
            } else if (from != null && (latest == null || from.order() > latest.order())) {
                latest = from;
            }
        }
        if (parameter != null) {
            return new Origin(order, parameter.layer(), latest == null ? Kind.PARAMETER : Kind.OF_A_LAYER);
        }
        return new Origin(order, latest == null ? "" : latest.layerOfReader(), Kind.OTHER);
    }

    /** Returns the operation's name, such as {@code Conv2d}, and of a function which one it is. */
    static String operation(Op op) {
        if (op instanceof Unary unary) {
            return capitalized(unary.op().name());
        }
        if (op instanceof Binary binary) {
            return capitalized(binary.op().name());
        }
        if (op instanceof Compare compare) {
            return capitalized(compare.op().name());
        }
        String name = op.getClass().getSimpleName();
        return name.isEmpty() ? "Operation" : name.replaceFirst("(?<=.)Op$", "");
    }

    private static String capitalized(String constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private String unique(String name) {
        String candidate = name;
        for (int number = 1; !taken.add(candidate); number++) {
            candidate = name + "_" + number;
        }
        return candidate;
    }
}
