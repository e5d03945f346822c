package org.alborz.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Weights;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;

/** A net that was trained on Spark: its weights, in the driver's memory, and how it came to them. */
public final class SparkModel {
    private final NetSource net;
    private final SampleColumns columns;
    private final String backend;
    private final byte[] weights;
    private final List<Map<String, Double>> history;

    SparkModel(
            NetSource net, SampleColumns columns, String backend, byte[] weights, List<Map<String, Double>> history) {
        this.net = net;
        this.columns = columns;
        this.backend = backend;
        this.weights = weights;
        this.history = List.copyOf(history);
    }

    /** Returns the figures of each epoch by name, such as {@code loss}: of those since the run was last begun or gone on with. */
    public List<Map<String, Double>> history() {
        return history;
    }

    /** Writes the weights into a file that {@link Weights#load(Path, Model)} and other programs read (safetensors). */
    public void save(Path file) {
        try {
            Files.write(file, weights);
        } catch (IOException e) {
            throw new UncheckedIOException("The weights could not be written to " + file, e);
        }
    }

    /** Makes the model in a session of this JVM. */
    public Model load(Session session) {
        return load(session, net, weights);
    }

    static Model load(Session session, NetSource net, byte[] weights) {
        try {
            Path file = Files.createTempFile("alborz", ".safetensors");
            try {
                Files.write(file, weights);
                return Weights.load(file, session, net.net());
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The weights could not be read by way of the directory for temporary files", e);
        }
    }

    /** Returns what predicts rows by this model, from the same columns, on the same backend. */
    public SparkPredictor predictor() {
        return new SparkPredictor(net, weights, columns, backend);
    }
}
