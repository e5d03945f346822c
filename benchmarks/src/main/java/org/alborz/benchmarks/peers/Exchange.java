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
 * What Alborz hands to the peers, so that they start from the same weights and can be seen to compute the same: weights {@code w0},
 * {@code w1}, … and states {@code s0}, … in the order of the model's description, and {@code logits}, what evaluation mode makes of
 * {@link #images}. Where the model has no dropout, {@code stepped} is the same after one training step on them.
 */
public final class Exchange {
    /** The name of a sample of what a function of a matrix gives. */
    public static final String RESULT = "result";

    private static final int IMAGES = 16;

    private Exchange() {}

    /** Returns the images that the logits are of. */
    public static NoiseImages images() {
        return new NoiseImages(99, IMAGES);
    }

    static Path file(Path folder, String model) {
        return folder.resolve(model + ".safetensors");
    }

    /** Opens what Alborz left for a model. */
    public static SafetensorsFile open(Path folder, String model) {
        return SafetensorsFile.open(file(folder, model));
    }

    /** Returns the values of a tensor. */
    public static float[] read(SafetensorsFile file, String name) {
        float[] values = new float[Math.toIntExact(file.entry(name).elements())];
        file.read(name, values);
        return values;
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

    static void write(Path folder, String model, List<Item> items) {
        List<SafetensorsEntry> entries = items.stream()
                .map(item -> new SafetensorsEntry(item.name(), SafetensorsType.F32, item.shape()))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file(folder, model), Map.of(), entries)) {
            items.forEach(item -> writer.write(item.name(), item.values()));
            writer.commit();
        }
    }
}
