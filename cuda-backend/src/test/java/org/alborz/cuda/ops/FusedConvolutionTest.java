package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Buffer;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.driver.CudaException;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Convolutions in bfloat16 and what follows them, which cuDNN computes at once where it has an engine for it. */
final class FusedConvolutionTest extends OnSoftwareGpu {
    private static final Conv2dParameters PADDED = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
    private static final Shape IMAGES = Shape.of(3, 8, 6, 5);
    private static final Shape FILTERS = Shape.of(40, 8, 3, 3);
    private static final Conv2dParameters PLAIN = new Conv2dParameters(1, 1, 0, 0, 1, 1, 1);
    private static final Shape PIXELS = Shape.of(40, 8, 1, 1);
    private static final Shape RESULT = Shape.of(3, 40, 6, 5);
    private static final int CHANNELS = 40;
    private static final int ROWS = 3 * 6 * 5;
    private static final Runnable NOTHING = () -> {};

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.alborz.cuda");
    private final List<String> works = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        backend.observe(work -> works.add(work.name()));
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        logger.setLevel(null);
        device.refuseGraphs(false);
    }

    private TestOperand perChannel(CudaBackend on, float value) {
        float[] values = new float[CHANNELS];
        java.util.Arrays.fill(values, value);
        TestOperand operand =
                new TestOperand(on.allocate(DType.FLOAT32, CHANNELS), Layout.rowMajor(Shape.of(CHANNELS)));
        on.upload(FloatBuffer.wrap(values), operand.buffer(), 0);
        return operand;
    }

    private record Normalized(short[] y, short[] result, float[] mean, float[] variance) {}

    /**
     * Convolves, and normalises the result by its statistics.
     *
     * @param offset of the images' numbers; other than 0, each result is that of one pixel
     * @param between runs after the convolution and before the normalisation
     */
    private Normalized normalized(CudaBackend on, float offset, Runnable between) {
        TestOperand x = halves(on, Layout.channelsLast(IMAGES), 1, offset);
        TestOperand w = halves(on, Layout.channelsLast(offset == 0 ? FILTERS : PIXELS), 2, offset == 0 ? 0 : 1);
        TestOperand y = halves(on, Layout.channelsLast(RESULT), 3, 0);
        TestOperand result = halves(on, Layout.channelsLast(RESULT), 4, 0);
        TestOperand mean = perChannel(on, -1);
        TestOperand variance = perChannel(on, -1);
        TestOperand gamma = perChannel(on, 1.5f);
        TestOperand beta = perChannel(on, 0.25f);
        works.clear();
        on.convolution().forward(offset == 0 ? PADDED : PLAIN, x, w, null, null, Activation.NONE, y);
        between.run();
        on.normalization().batchNorm(1e-5, y, gamma, beta, null, Activation.RELU, result, mean, variance);
        on.synchronize();
        List<String> made = List.copyOf(works);
        Normalized normalized = new Normalized(bits(on, y), bits(on, result), numbers(on, mean), numbers(on, variance));
        works.clear();
        works.addAll(made);
        return normalized;
    }

    private static void assertStatistics(Normalized n) {
        for (int c = 0; c < CHANNELS; c++) {
            double sum = 0;
            for (int row = 0; row < ROWS; row++) {
                sum += value(n.y()[row * CHANNELS + c]);
            }
            double mean = sum / ROWS;
            double squares = 0;
            for (int row = 0; row < ROWS; row++) {
                squares += Math.pow(value(n.y()[row * CHANNELS + c]) - mean, 2);
            }
            double variance = squares / ROWS;
            assertThat(n.mean()[c] - mean).isBetween(-1e-6 * (1 + Math.abs(mean)), 1e-6 * (1 + Math.abs(mean)));
            assertThat(n.variance()[c] / variance - 1).isBetween(-2e-5, 2e-5);
        }
    }

    @Test
    void statisticsComeWithTheConvolution() {
        Normalized fused = normalized(backend, 0, NOTHING);
        assertThat(works)
                .containsExactly("convolution forward with statistics", "batch_norm_sums_mixed", "batch_norm_apply");
        assertStatistics(fused);
        Normalized separate = normalized(backend, 0, backend::synchronize);
        assertThat(works).containsExactly("convolution forward", "batch_norm_statistics_mixed", "batch_norm_apply");
        assertStatistics(separate);
        assertThat(fused.y()).isEqualTo(separate.y());
        for (int i = 0; i < fused.result().length; i++) {
            assertThat(value(fused.result()[i]) - value(separate.result()[i])).isBetween(-0.02f, 0.02f);
        }
    }

    /** Means of some two hundred times the deviation: float32 sums of squares would leave no digit, so the kernel reads the results. */
    @Test
    void largeMeansCostNoDigits() {
        Normalized fused = normalized(backend, 20, NOTHING);
        assertThat(works).contains("convolution forward with statistics", "batch_norm_sums_mixed");
        assertStatistics(fused);
        Normalized separate = normalized(backend, 20, backend::synchronize);
        assertThat(fused.mean()).isEqualTo(separate.mean());
        assertThat(fused.variance()).isEqualTo(separate.variance());
        assertThat(fused.result()).isEqualTo(separate.result());
    }

    @Test
    void operandsThatAreFreedAreReadBefore() {
        for (int freed = 0; freed < 3; freed++) {
            TestOperand x = halves(backend, Layout.channelsLast(IMAGES), 1, 0);
            TestOperand w = halves(backend, Layout.channelsLast(FILTERS), 2, 0);
            TestOperand y = halves(backend, Layout.channelsLast(RESULT), 3, 0);
            works.clear();
            backend.convolution().forward(PADDED, x, w, null, null, Activation.NONE, y);
            assertThat(works).isEmpty();
            backend.free(List.of(x, w, y).get(freed).buffer());
            assertThat(works).containsExactly("convolution forward");
        }
    }

    /** The normalisation's own memory is short, so that the pool waits for the convolution and gives back what it keeps. */
    @Test
    void memoryThatIsShortRunsTheConvolutionBefore() {
        Normalized separate = normalized(backend, 0, backend::synchronize);
        Normalized fused = normalized(backend, 0, () -> {
            List<Buffer> kept = List.of(
                    backend.allocate(DType.FLOAT32, CHANNELS),
                    backend.allocate(DType.FLOAT32, CHANNELS),
                    backend.allocate(DType.FLOAT32, 1 << 20));
            kept.forEach(backend::free); // the small ones serve its factors and addends
            device.limitMemory(device.liveBytes());
        });
        assertThat(works).containsExactly("convolution forward", "batch_norm_statistics_mixed", "batch_norm_apply");
        assertThat(fused.result()).isEqualTo(separate.result());
    }

    private short[] rectified(CudaBackend on, Activation activation, boolean hasAddend) {
        TestOperand x = halves(on, Layout.channelsLast(IMAGES), 1, 0);
        TestOperand w = halves(on, Layout.channelsLast(FILTERS), 2, 0);
        TestOperand y = halves(on, Layout.channelsLast(RESULT), 3, 0);
        TestOperand addend = halves(on, Layout.channelsLast(RESULT), 4, 0);
        TestOperand bias = halves(on, Layout.rowMajor(Shape.of(CHANNELS)), 5, 0);
        works.clear();
        on.convolution().forward(PADDED, x, w, bias, hasAddend ? addend : null, activation, y);
        List<String> made = List.copyOf(works);
        short[] bits = bits(on, y);
        works.clear();
        works.addAll(made);
        return bits;
    }

    private static void assertClose(short[] actual, short[] expected) {
        for (int i = 0; i < actual.length; i++) {
            assertThat(value(actual[i]) - value(expected[i])).isBetween(-0.04f, 0.04f);
        }
    }

    @Test
    void aBiasAnAddendAndARectifierAreOneCall() {
        for (boolean hasAddend : new boolean[] {false, true}) {
            for (Activation activation : new Activation[] {Activation.RELU, Activation.RELU6}) {
                device.refuseGraphs(false);
                short[] fused = rectified(backend, activation, hasAddend);
                String name = activation == Activation.RELU ? "rectifier" : "relu6";
                assertThat(works)
                        .containsExactly(
                                "convolution forward with bias" + (hasAddend ? ", addend and " : " and ") + name);
                device.refuseGraphs(true);
                try (CudaBackend other = new CudaBackend(BackendOptions.defaults())) {
                    other.observe(work -> works.add(work.name()));
                    short[] separate = rectified(other, activation, hasAddend);
                    assertThat(works).containsExactly("convolution forward", "bias");
                    assertClose(fused, separate);
                }
            }
        }
    }

    @Test
    void aLibraryWithoutEnginesIsToldOfOnce() {
        device.refuseGraphs(true);
        Normalized separate = normalized(backend, 0, NOTHING);
        assertThat(works).containsExactly("convolution forward", "batch_norm_statistics_mixed", "batch_norm_apply");
        assertStatistics(separate);
        normalized(backend, 0, NOTHING);
        rectified(backend, Activation.RELU, false);
        assertThat(log.list).filteredOn(event -> event.getLevel() == Level.INFO).hasSize(2);
        assertThat(log.list.get(0).getFormattedMessage())
                .contains(
                        "a convolution with statistics",
                        "so separate calls do",
                        "heuristics name no engine",
                        "Another version");
        assertThat(log.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    /** A status of cuDNN's for what it does not support, wherever it comes. */
    @Test
    void aRefusalWhileThePlanIsMadeFallsBack() {
        device.inject("cudnnBackendFinalize", 9, 3002);
        normalized(backend, 0, NOTHING);
        assertThat(works).contains("convolution forward", "batch_norm_statistics_mixed");
        assertThat(log.list.get(0).getFormattedMessage()).contains("CUDNN_STATUS_NOT_SUPPORTED_SHAPE");
    }

    @Test
    void anEngineThatRefusesToRunIsFollowedByTheNext() {
        device.inject("cudnnBackendExecute", 1, 3000);
        rectified(backend, Activation.RELU, false);
        assertThat(works).containsExactly("convolution forward with bias and rectifier");
        assertThat(log.list).isEmpty();
        device.inject("cudnnBackendExecute", 1, 3000);
        rectified(backend, Activation.RELU, false);
        assertThat(works).containsExactly("convolution forward", "bias");
        assertThat(log.list.get(0).getFormattedMessage()).contains("CUDNN_STATUS_NOT_SUPPORTED");
    }

    /** What cuDNN 9 answers where its libraries are incomplete or do not fit; a net is trained all the same. */
    @Test
    void aGraphThatCannotBeMadeLeavesSeparateCalls() {
        for (int status : new int[] {1008, 4001}) {
            device.inject("cudnnBackendFinalize", 14, status);
            try (CudaBackend other = new CudaBackend(BackendOptions.defaults())) {
                other.observe(work -> works.add(work.name()));
                rectified(other, Activation.RELU, false);
            }
            assertThat(works).containsExactly("convolution forward", "bias");
            assertFailure(status, "separate calls do it: cudnnBackendFinalize of CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR");
        }
    }

    @Test
    void anEngineThatCannotBeCompiledIsFollowedByTheNext() {
        for (int status : new int[] {4001, 1008}) {
            device.inject("cudnnBackendFinalize", 15, status);
            try (CudaBackend other = new CudaBackend(BackendOptions.defaults())) {
                other.observe(work -> works.add(work.name()));
                rectified(other, Activation.RELU, false);
            }
            assertThat(works).containsExactly("convolution forward with bias and rectifier");
            assertFailure(status, "fails with engine 12");
        }
    }

    private void assertFailure(int status, String text) {
        assertThat(log.list).hasSize(1);
        assertThat(log.list.get(0).getLevel()).isEqualTo(Level.WARN);
        assertThat(log.list.get(0).getFormattedMessage())
                .contains(text, "(" + status + ")", "Install all libraries of one version of cuDNN");
        log.list.clear();
    }

    @Test
    void aFaultOfTheDeviceIsNotTakenForARefusal() {
        device.inject("cudnnBackendFinalize", 15, 5000);
        assertThatThrownBy(() -> rectified(backend, Activation.RELU, false))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("5000");
    }

    @Test
    void operandsThatAreNotAlignedAreConvolvedBySeparateCalls() {
        logger.setLevel(Level.DEBUG);
        TestOperand x = halves(backend, Layout.channelsLast(IMAGES), 1, 0);
        TestOperand w = halves(backend, Layout.channelsLast(FILTERS), 2, 0);
        Layout later = Layout.of(RESULT, new long[] {ROWS / 3 * CHANNELS, 1, 5 * CHANNELS, CHANNELS}, 1);
        TestOperand y = operand(DType.BFLOAT16, RESULT.elements() + 1, later);
        backend.convolution().forward(PADDED, x, w, null, null, Activation.NONE, y);
        assertThat(log.list).anyMatch(event -> event.getFormattedMessage().contains("multiples of 16 bytes"));
    }

    @Test
    void enginesAndSeparateCallsAreTimedForTheFile() throws Exception {
        Path file = folder.resolve("algorithms.tsv");
        BackendOptions options = BackendOptions.defaults().withAlgorithms(file);
        try (CudaBackend timed = new CudaBackend(options)) {
            timed.observe(work -> works.add(work.name()));
            normalized(timed, 0, NOTHING);
        }
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> line.contains("ChannelSums"))
                .toList();
        assertThat(lines).hasSize(1);
        String chosen = lines.get(0).split("\t")[2];
        assertThat(chosen).isIn("12", "33", "999");
        // Both engines and the separate calls run four times each, with all that the statistics need, and then the
        // choice.
        boolean isSeparate = chosen.equals("999");
        assertThat(Collections.frequency(works, "batch_norm_sums_mixed")).isEqualTo(isSeparate ? 8 : 9);
        assertThat(Collections.frequency(works, "batch_norm_statistics_mixed")).isEqualTo(isSeparate ? 5 : 4);
        Files.writeString(file, lines.get(0).replaceFirst("\t\\d+\t[^\t]*$", "\t999\t1.0") + "\n");
        try (CudaBackend separate = new CudaBackend(options)) {
            works.clear();
            separate.observe(work -> works.add(work.name()));
            normalized(separate, 0, NOTHING);
            assertThat(works).contains("convolution forward", "batch_norm_statistics_mixed");
            assertThat(works).doesNotContain("convolution forward with statistics");
        }
    }
}
