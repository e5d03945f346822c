package org.alborz.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;
import org.alborz.text.Given;
import org.alborz.text.TextTable;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * What the layers of a net make of inputs of a shape, and what that costs: sizes, memory and arithmetic of an evaluation pass, found out by
 * types and shapes alone, without memory and without computing anything.
 *
 * <p>A layer is a module that has no parts, or that applies operations or has parameters beside those of its parts, such as a residual
 * block, which adds. Parts that a module of one's own computes by {@code forward} in place of {@link Pass#run} are seen where they have
 * parameters; their other operations count for that module.
 *
 * @param layers in the order of description
 */
public record ModelSummary(List<Row> layers) {
    /**
     * A layer.
     *
     * @param path from the model; empty for the net itself
     * @param type the name of its class
     * @param output the shape of its latest result; null where the pass did not use it
     * @param parameters how many numbers it learns beside those of its parts; what layers share counts for the first
     * @param frozen how many of them {@link Model#freeze} holds
     * @param states how many numbers it keeps that are not learned, such as running means
     * @param activationBytes the memory of all results of its operations, which a training step keeps at most
     * @param multiplyAdds how many products its operations add up; those of matrices and convolutions, as is usual
     */
    public record Row(
            String path,
            String type,
            Shape output,
            long parameters,
            long frozen,
            long states,
            long activationBytes,
            long multiplyAdds) {}

    /** Computes an evaluation pass in a session that computes nothing. */
    @FunctionalInterface
    public interface Work {
        /**
         * Calls the net's forward methods.
         *
         * @param session where inputs are made, such as by {@link Session#zeros(Shape)}
         * @param pass the evaluation pass to give them
         */
        void run(Session session, Pass pass);
    }

    public ModelSummary {
        layers = List.copyOf(layers);
    }

    /**
     * Summarizes a net that needs no model yet, for an input of a shape, computing in float32.
     *
     * @param input with the batch in front, such as {@code [1, 3, 32, 32]}
     */
    public static ModelSummary of(Layer net, Shape input) {
        Given.value(input, "A summary", "the shape of the inputs");
        return of(net, DType.FLOAT32, (session, pass) -> pass.run(net, session.zeros(input)));
    }

    /**
     * Summarizes any use of a net, such as one with several inputs.
     *
     * @param dtype the floating type it computes in
     */
    public static ModelSummary of(Module net, DType dtype, Work work) {
        Given.value(net, "A summary", "a net");
        Given.value(work, "A summary", "what to compute");
        Map<String, Parameter> parameters = Model.namesOf(net);
        PartNames names = new PartNames(net);
        SummaryListener listener = new SummaryListener(names);
        try (Session session = Session.meta(Given.value(dtype, "A summary", "a data type"))) {
            Map<Parameter, Tensor> values = new LinkedHashMap<>();
            parameters.values().forEach(parameter -> values.put(parameter, parameter.onMeta(session)));
            session.engine().layers().add(names);
            session.observe(listener);
            Pass pass = Pass.evaluation(values);
            listener.hook(pass);
            work.run(session, pass);
        }
        return new ModelSummary(listener.rows());
    }

    /** Returns how many numbers are learned. */
    public long parameters() {
        return layers.stream().mapToLong(Row::parameters).sum();
    }

    /** Returns how many numbers are learned and not frozen. */
    public long trainable() {
        return parameters() - layers.stream().mapToLong(Row::frozen).sum();
    }

    /** Returns how many numbers are kept that are not learned. */
    public long states() {
        return layers.stream().mapToLong(Row::states).sum();
    }

    /** Returns the bytes of all results of operations. */
    public long activationBytes() {
        return layers.stream().mapToLong(Row::activationBytes).sum();
    }

    /** Returns how many products an evaluation pass adds up. */
    public long multiplyAdds() {
        return layers.stream().mapToLong(Row::multiplyAdds).sum();
    }

    /**
     * Returns the layer of a path.
     *
     * @throws IllegalArgumentException when there is none
     */
    public Row layer(String path) {
        for (Row row : layers) {
            if (row.path().equals(path)) {
                return row;
            }
        }
        List<String> paths = new ArrayList<>();
        layers.forEach(row -> paths.add(row.path()));
        throw new IllegalArgumentException("The summary has no layer '" + path + "'; it has " + paths);
    }

    /** Returns a table of the layers, and the totals. */
    @Override
    public String toString() {
        TextTable table = new TextTable("layer", "type", "output", ">parameters", ">activations", ">multiply-adds");
        for (Row row : layers) {
            table.row(
                    row.path().isEmpty() ? "(net)" : row.path(),
                    row.type(),
                    row.output() == null ? "not used" : row.output().toString(),
                    count(row.parameters()) + (row.frozen() > 0 ? " frozen" : ""),
                    bytes(row.activationBytes()),
                    count(row.multiplyAdds()));
        }
        return table
                + String.format(
                        Locale.ROOT,
                        "%,d parameters: %,d trainable, %,d frozen; %,d numbers of state%n",
                        parameters(),
                        trainable(),
                        parameters() - trainable(),
                        states())
                + String.format(
                        Locale.ROOT,
                        "%s of activations, %.4g G multiply-adds%n",
                        bytes(activationBytes()),
                        multiplyAdds() * 1e-9);
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String bytes(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    /** Returns the name of a module's class; what it says of itself where that is a class inside another, such as a function's. */
    static String type(Module module) {
        String name = Described.className(module);
        String words = Described.of(module);
        return name.contains("$") && !words.startsWith("class ") ? words : name.substring(name.lastIndexOf('$') + 1);
    }
}
