package org.alborz.monitor;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alborz.graph.Graph;
import org.alborz.graph.Leaf;
import org.alborz.graph.Step;
import org.alborz.graph.Value;
import org.alborz.type.DType;

/**
 * A graph as TensorFlow's GraphDef.
 *
 * <p>Source: tensorflow/core/framework/graph.proto, node_def.proto and attr_value.proto.
 */
final class GraphDefinition {
    private static final int PRODUCER = 22;

    private final Graph graph;
    private final ProtoMessage definition = new ProtoMessage();

    /** What writes a value last, as an input of a node names it. */
    private final Map<Value, String> sources = new HashMap<>();

    GraphDefinition(Graph graph) {
        this.graph = graph;
    }

    byte[] toBytes() {
        GraphNames names = new GraphNames(graph);
        for (int i = 0; i < graph.leaves().size(); i++) {
            leaf(graph.leaves().get(i), names.leaves().get(i));
        }
        for (int i = 0; i < graph.steps().size(); i++) {
            step(graph.steps().get(i), names.steps().get(i));
        }
        return definition.message(4, new ProtoMessage().integer(1, PRODUCER)).toBytes();
    }

    private void leaf(Leaf leaf, String name) {
        String operation = switch (leaf.kind()) {
            case PARAMETER -> "Parameter";
            case INPUT -> "Placeholder";
            case CONSTANT -> "Const";
        };
        ProtoMessage node = new ProtoMessage().text(1, name).text(2, operation);
        describe(node, List.of(leaf.value()));
        definition.message(1, node);
        sources.put(leaf.value(), name);
    }

    private void step(Step step, String name) {
        ProtoMessage node = new ProtoMessage().text(1, name).text(2, GraphNames.operation(step.op()));
        for (Value input : step.inputs()) {
            String source = input == null ? null : sources.get(input);
            if (source != null) {
                node.text(3, source);
            }
        }
        describe(node, step.results());
        String settings = step.op().toString();
        attribute(node, "settings", new ProtoMessage().bytes(2, settings.getBytes(StandardCharsets.UTF_8)));
        definition.message(1, node);
        for (int i = 0; i < step.results().size(); i++) {
            sources.put(step.results().get(i), i == 0 ? name : name + ":" + i);
        }
    }

    /** Adds types and shapes of a node's results. */
    private static void describe(ProtoMessage node, List<Value> results) {
        ProtoMessage shapes = new ProtoMessage();
        for (Value result : results) {
            ProtoMessage shape = new ProtoMessage();
            for (int size : result.shape().toArray()) {
                shape.message(2, new ProtoMessage().integer(1, size));
            }
            shapes.message(7, shape);
        }
        attribute(node, "_output_shapes", new ProtoMessage().message(1, shapes));
        attribute(
                node, "dtype", new ProtoMessage().integer(6, type(results.get(0).dtype())));
    }

    private static void attribute(ProtoMessage node, String name, ProtoMessage value) {
        node.message(5, new ProtoMessage().text(1, name).message(2, value));
    }

    /** Returns the number in tensorflow/core/framework/types.proto. */
    private static int type(DType type) {
        return switch (type) {
            case FLOAT32 -> 1;
            case FLOAT64 -> 2;
            case INT32 -> 3;
            case UINT8 -> 4;
            case INT64 -> 9;
            case BOOL -> 10;
            case BFLOAT16 -> 14;
            case FLOAT16 -> 19;
        };
    }
}
