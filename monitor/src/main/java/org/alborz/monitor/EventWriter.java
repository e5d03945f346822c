package org.alborz.monitor;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alborz.graph.Graph;
import org.alborz.text.Given;

/**
 * Writes what TensorBoard shows: scalars, histograms, images, text, graphs and hyper-parameters, each under a tag and most with the number
 * of a step. Tags with a slash, such as {@code loss/train}, are grouped by what is before it.
 *
 * <p>Each writer makes a file of its own; TensorBoard reads all files of a folder as one run, in the order in which they were begun. What is
 * written is on its way to the disk after {@link #flush} and {@link #close}. For one thread at a time.
 */
public final class EventWriter implements AutoCloseable {
    /** The data class of TensorBoard for what is a tensor of any type. */
    private static final int TENSOR_CLASS = 2;

    private static final int STRING_TYPE = 7;
    private static final int SESSION_STARTED = 1;

    private final EventFile file;
    private final double[] limits = Histogram.allLimits();

    private EventWriter(EventFile file) {
        this.file = file;
        event(0, new ProtoMessage().text(3, "brain.Event:2"));
        event(0, new ProtoMessage().message(10, new ProtoMessage().text(1, "org.alborz.monitor")));
    }

    /**
     * Begins a file.
     *
     * @param folder of the run; made where there is none
     * @throws java.io.UncheckedIOException when it cannot be written, as every method here
     */
    public static EventWriter open(Path folder) {
        EventWriter writer = new EventWriter(EventFile.create(Given.value(folder, "EventWriter", "a folder")));
        writer.flush();
        return writer;
    }

    /**
     * Begins a file that goes on from a step, as a resumed training does: TensorBoard drops what the folder's earlier files have of this
     * step and later ones, so that no step is there twice.
     *
     * @param nextStep the first step that may be written
     */
    public static EventWriter open(Path folder, long nextStep) {
        EventWriter writer = open(folder);
        writer.event(nextStep, new ProtoMessage().message(7, new ProtoMessage().integer(1, SESSION_STARTED)));
        writer.flush();
        return writer;
    }

    /** Returns the file. */
    public Path path() {
        return file.path();
    }

    /** Writes a number, as float32. */
    public void scalar(String tag, double value, long step) {
        summary(step, tagged(tag).float32(2, (float) value));
    }

    /**
     * Writes how numbers are distributed. Those that are not finite are counted under the tag with {@code /not_finite} behind it, where there
     * are any.
     */
    public void histogram(String tag, float[] values, long step) {
        Histogram histogram = Histogram.of(Given.value(values, "histogram", "values"), limits);
        summary(step, tagged(tag).message(5, histogram.message()));
        if (histogram.notFinite() > 0) {
            scalar(tag + "/not_finite", histogram.notFinite(), step);
        }
    }

    /** Writes an image, as PNG. */
    public void image(String tag, Picture picture, long step) {
        Given.value(picture, "image", "a picture");
        summary(
                step,
                tagged(tag)
                        .message(
                                4,
                                new ProtoMessage()
                                        .integer(1, picture.height())
                                        .integer(2, picture.width())
                                        .integer(3, picture.channels())
                                        .bytes(4, picture.toPng())));
    }

    /** Writes text that TensorBoard shows as Markdown. */
    public void text(String tag, String markdown, long step) {
        Given.value(markdown, "text", "some Markdown");
        ProtoMessage metadata = new ProtoMessage()
                .message(1, new ProtoMessage().text(1, "text").bytes(2, new byte[0]))
                .integer(4, TENSOR_CLASS);
        ProtoMessage oneString = new ProtoMessage()
                .integer(1, STRING_TYPE)
                .message(2, new ProtoMessage().message(2, new ProtoMessage().integer(1, 1)))
                .text(8, markdown);
        summary(step, tagged(tag).message(9, metadata).message(8, oneString));
    }

    /** Writes a computation, whose operations are grouped by the layer whose parameters they read. */
    public void graph(Graph graph) {
        event(0, new ProtoMessage().bytes(4, new GraphDefinition(Given.value(graph, "graph", "a graph")).toBytes()));
    }

    /**
     * Writes what a run was made with; TensorBoard compares the runs of a folder by it.
     *
     * @param values numbers, truth values, and all else as text, by name
     * @param metrics the tags of scalars of this writer that runs are compared by, such as {@code epoch_loss}
     */
    public void hyperParameters(Map<String, ?> values, List<String> metrics) {
        Given.value(values, "hyperParameters", "values");
        Given.value(metrics, "hyperParameters", "metrics");
        hyperParameters(new HyperParameters(
                values,
                metrics.stream().map(tag -> new HyperParameters.Metric("", tag)).toList()));
    }

    void hyperParameters(HyperParameters parameters) {
        double now = now();
        summary(0, parameters.experiment(now));
        summary(0, parameters.start(now));
    }

    /** Says how the run ended that {@link #hyperParameters} describes. */
    public void end(boolean success) {
        summary(0, HyperParameters.end(success, now()));
    }

    /** Hands what was written to the operating system. */
    public void flush() {
        file.flush();
    }

    @Override
    public void close() {
        file.close();
    }

    private static ProtoMessage tagged(String tag) {
        if (Given.value(tag, "An event", "a tag").isBlank()) {
            throw new IllegalArgumentException("An event expects a tag such as epoch_loss, got '" + tag + "'");
        }
        return new ProtoMessage().text(1, tag);
    }

    private void summary(long step, ProtoMessage value) {
        event(step, new ProtoMessage().message(5, new ProtoMessage().message(1, value)));
    }

    private void event(long step, ProtoMessage content) {
        byte[] head = new ProtoMessage().float64(1, now()).integer(2, step).toBytes();
        byte[] tail = content.toBytes();
        byte[] record = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, record, head.length, tail.length);
        file.write(record);
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }
}
