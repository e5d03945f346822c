package org.alborz.benchmarks.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.SafetensorsEntry;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.checkpoint.SafetensorsType;
import org.alborz.checkpoint.SafetensorsWriter;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.type.Shape;

/**
 * What Alborz hands to the peers, so that they start from the same numbers and can be seen to compute the same. Of a net: weights {@code w0},
 * {@code w1}, … and states {@code s0}, … in the order of the model's description, and {@link #OUTPUT}, what evaluation mode makes of
 * {@link Net#compared}. Where the net {@linkplain Net#trainsAlike trains alike}, {@link #STEPPED} is the same after one training step on them. Of a
 * product or a function of a matrix: {@link #RESULT}.
 */
public final class Exchange {
    /** The name of a sample of what a product or a function of a matrix gives. */
    public static final String RESULT = "result";

    /** The name of a net's outputs. */
    public static final String OUTPUT = "output";

    /** The name of a net's outputs after a step of training. */
    public static final String STEPPED = "stepped";

    /** How far the sums of two engines may differ, of 1 or of the larger number. */
    private static final double TOLERANCE = 1e-3;

    /** The same after an Adam step, whose size depends on the sign of gradients near 0. */
    private static final double TOLERANCE_OF_STEP = 2e-2;

    private Exchange() {}

    static Path file(Path folder, String subject) {
        return folder.resolve(subject + ".safetensors");
    }

    /** Opens what Alborz left for a net, by its word, or for a work, by its name. */
    public static SafetensorsFile open(Path folder, String subject) {
        return SafetensorsFile.open(file(folder, subject));
    }

    /** Returns the values of a tensor. */
    public static float[] read(SafetensorsFile file, String name) {
        float[] values = new float[Math.toIntExact(file.entry(name).elements())];
        file.read(name, values);
        return values;
    }

    /**
     * Refuses a peer's numbers that are not what Alborz left under a name.
     *
     * @throws IllegalStateException when they differ by more than rounding explains
     */
    public static void requireAgreement(SafetensorsFile file, String name, float[] theirs, String peer) {
        float[] ours = read(file, name);
        double tolerance = name.equals(STEPPED) ? TOLERANCE_OF_STEP : TOLERANCE;
        if (theirs.length != ours.length) {
            throw new IllegalStateException("Alborz's " + name + " has " + ours.length + " numbers, " + peer + "'s "
                    + theirs.length + "; the two would not do the same work");
        }
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= tolerance * Math.max(1, Math.abs(ours[i])))) {
                throw new IllegalStateException("The numbers of " + name + " differ at " + i + ": Alborz has " + ours[i]
                        + ", " + peer + " " + theirs[i] + "; the two would not do the same work");
            }
        }
    }

    /** What is to be written: a name, the shape and the values in row-major order. */
    record Item(String name, Shape shape, float[] values) {}

    /** Returns the model's weights and states as they are now. */
    static List<Item> weights(Model model) {
        List<Item> items = new ArrayList<>();
        int weights = 0;
        int states = 0;
        for (Parameter p : model.parameters().values()) {
            String name = p.isTrainable() ? "w" + weights++ : "s" + states++;
            items.add(new Item(name, p.shape(), p.value().toFloats()));
        }
        return items;
    }

    static void write(Path folder, String subject, List<Item> items) {
        List<SafetensorsEntry> entries = items.stream()
                .map(item -> new SafetensorsEntry(item.name(), SafetensorsType.F32, item.shape()))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file(folder, subject), Map.of(), entries)) {
            items.forEach(item -> writer.write(item.name(), item.values()));
            writer.commit();
        }
    }
}
