package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.ConvolutionSum;
import org.alborz.cuda.CudaBackend;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Gradients of a convolution's images in bfloat16 and of the batch norm that made them, whose sums cuDNN takes where it has an engine for it. */
final class FusedGradientTest extends OnSoftwareGpu {
    private static final Conv2dParameters PADDED = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
    // So many channels that the gradient of the batch norm is none of one launch.
    private static final int CHANNELS = 40;
    private static final Shape IMAGES = Shape.of(3, CHANNELS, 6, 5);
    private static final Shape FILTERS = Shape.of(8, CHANNELS, 3, 3);
    private static final Shape RESULT = Shape.of(3, 8, 6, 5);
    private static final double EPSILON = 1e-3;
    private static final String FUSED = "batch_norm_backward_of_sums_mixed";
    private static final List<String> SEPARATE =
            List.of("convolution backward data", "batch_norm_backward_sums_mixed", "batch_norm_backward_apply_mixed");

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
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        logger.setLevel(null);
        device.refuseGraphs(false);
    }

    /**
     * What is computed.
     *
     * @param hasAddend whether images were added before the activation
     * @param isAdded whether the convolution's gradient is added to another
     * @param offset of the images
     * @param beta of all channels, whose gamma is 1
     * @param isUsedUp whether nobody else reads the convolution's gradient
     */
    private record Case(
            boolean hasAddend, boolean isAdded, Activation activation, float offset, float beta, boolean isUsedUp) {
        static Case of(boolean hasAddend, boolean isAdded) {
            return new Case(hasAddend, isAdded, Activation.RELU, 0, 0.25f, true);
        }

        Case at(float otherOffset, float otherBeta) {
            return new Case(hasAddend, isAdded, activation, otherOffset, otherBeta, isUsedUp);
        }
    }

    private record Gradients(short[] dx, float[] dgamma, float[] dbeta, short[] daddend, short[] ofConvolution) {}

    private static final class Inputs {
        final TestOperand x;
        final TestOperand gamma;
        final TestOperand beta;
        final TestOperand y;
        final TestOperand mean;
        final TestOperand variance;
        final TestOperand gate;
        final TestOperand dz;
        final TestOperand w;
        final TestOperand dy;

        Inputs(CudaBackend on, Case of) {
            Layout images = Layout.channelsLast(IMAGES);
            x = halves(on, images, 1, of.offset());
            gamma = constants(on, 1);
            beta = constants(on, of.beta());
            y = halves(on, images, 3, 0);
            mean = constants(on, -1);
            variance = constants(on, -1);
            BatchNormGate fusion = on.fusion(BatchNormGate.class).orElseThrow();
            int bytes = (int) fusion.bytes(DType.BFLOAT16, IMAGES);
            gate = new TestOperand(on.allocate(DType.UINT8, bytes), Layout.rowMajor(Shape.of(bytes)));
            TestOperand addend = of.hasAddend() ? halves(on, images, 4, 0) : null;
            fusion.batchNorm(EPSILON, x, gamma, beta, addend, of.activation(), y, mean, variance, gate);
            dz = halves(on, Layout.channelsLast(RESULT), 5, 0);
            w = halves(on, Layout.channelsLast(FILTERS), 6, 0);
            dy = halves(on, images, 7, 0);
        }
    }

    private static TestOperand constants(CudaBackend on, float value) {
        float[] values = new float[CHANNELS];
        Arrays.fill(values, value);
        TestOperand operand =
                new TestOperand(on.allocate(DType.FLOAT32, CHANNELS), Layout.rowMajor(Shape.of(CHANNELS)));
        on.upload(FloatBuffer.wrap(values), operand.buffer(), 0);
        return operand;
    }

    private static void convolve(CudaBackend on, Case of, Inputs in) {
        if (of.isAdded()) {
            on.fusion(ConvolutionSum.class).orElseThrow().addBackwardData(PADDED, in.dz, in.w, in.dy);
        } else {
            on.convolution().backwardData(PADDED, in.dz, in.w, in.dy);
        }
    }

    /** @param between runs after the gradient of the convolution, and before that of the batch norm */
    private Gradients gradients(CudaBackend on, Case of, Consumer<Inputs> between) {
        on.observe(work -> works.add(work.name()));
        Inputs in = new Inputs(on, of);
        Layout images = Layout.channelsLast(IMAGES);
        TestOperand dx = halves(on, images, 8, 0);
        TestOperand dgamma = constants(on, -1);
        TestOperand dbeta = constants(on, -1);
        TestOperand daddend = of.hasAddend() ? halves(on, images, 9, 0) : null;
        on.synchronize();
        works.clear();
        convolve(on, of, in);
        between.accept(in);
        BatchNormGate.Origin origin =
                of.isUsedUp() ? new BatchNormGate.Origin(in.beta, of.hasAddend(), of.activation(), in.y) : null;
        on.fusion(BatchNormGate.class)
                .orElseThrow()
                .batchNormBackward(
                        EPSILON,
                        in.x,
                        in.gamma,
                        in.mean,
                        in.variance,
                        in.gate,
                        origin,
                        in.dy,
                        dx,
                        dgamma,
                        dbeta,
                        daddend);
        List<String> made = List.copyOf(works);
        Gradients gradients = new Gradients(
                bits(on, dx),
                numbers(on, dgamma),
                numbers(on, dbeta),
                daddend == null ? null : bits(on, daddend),
                bits(on, in.dy));
        works.clear();
        works.addAll(made);
        return gradients;
    }

    private Gradients gradients(Case of) {
        return gradients(backend, of, in -> {});
    }

    private Gradients separately(Case of) {
        Gradients gradients = gradients(backend, of, in -> backend.synchronize());
        assertThat(works).containsExactlyElementsOf(SEPARATE);
        return gradients;
    }

    private static void assertClose(float[] actual, float[] expected, double error) {
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i] - expected[i]).isBetween(-error, error);
        }
    }

    private static float[] values(short[] bits) {
        float[] values = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = value(bits[i]);
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"false, false, RELU", "false, true, RELU6", "true, false, RELU6", "true, true, RELU"})
    void theSumsComeWithTheGradientOfTheConvolution(boolean hasAddend, boolean isAdded, Activation activation) {
        Case of = new Case(hasAddend, isAdded, activation, 1, 0.25f, true);
        Gradients fused = gradients(of);
        assertThat(works)
                .containsExactly(
                        "convolution backward data with " + (isAdded ? "addend, " : "") + "gate and sums"
                                + (hasAddend ? " of products" : ""),
                        FUSED,
                        "batch_norm_backward_apply_mixed");
        Gradients separate = separately(of);
        // Of 90 numbers of about 1 a channel: those of y are rounded once more than those of x.
        assertClose(fused.dgamma(), separate.dgamma(), hasAddend ? 1e-3 : 0.1);
        assertClose(fused.dbeta(), separate.dbeta(), 1e-4);
        assertClose(values(fused.dx()), values(separate.dx()), 0.05);
        if (hasAddend) {
            assertThat(fused.daddend()).isEqualTo(separate.daddend());
        }
        Gradients again = gradients(of);
        assertThat(again.dx()).isEqualTo(fused.dx());
        assertThat(again.dgamma()).isEqualTo(fused.dgamma());
        assertThat(again.dbeta()).isEqualTo(fused.dbeta());
    }

    /** A beta of 5 times gamma without an addend, or a mean of some 60 times the deviation with one: x is read. */
    @ParameterizedTest
    @CsvSource({"false, 0, 5", "true, 20, 0.25"})
    void whereSumsLoseDigitsXIsRead(boolean hasAddend, float offset, float beta) {
        Case of = Case.of(hasAddend, false).at(offset, beta);
        Gradients fused = gradients(of);
        assertThat(works).contains(FUSED);
        Gradients separate = separately(of);
        assertThat(fused.dgamma()).isEqualTo(separate.dgamma());
        assertThat(fused.dbeta()).isEqualTo(separate.dbeta());
        assertThat(fused.dx()).isEqualTo(separate.dx());
    }

    @Test
    void aGradientThatOthersReadIsWritten() {
        Case used = Case.of(true, true);
        Gradients separate = separately(used);
        Gradients kept = gradients(new Case(true, true, Activation.RELU, 0, 0.25f, false));
        assertThat(works).containsExactlyElementsOf(SEPARATE);
        assertThat(kept.ofConvolution()).isEqualTo(separate.ofConvolution());
        assertThat(kept.dx()).isEqualTo(separate.dx());
    }

    /** As a tape frees it, before the gradient of what made the images; what the graph borrows must be no memory that it reads. */
    @Test
    void theGradientOfTheResultMayBeFreedMeanwhile() {
        for (boolean hasAddend : new boolean[] {false, true}) {
            Case of = Case.of(hasAddend, hasAddend);
            Gradients expected = gradients(of);
            long[] held = new long[2];
            Gradients actual = gradients(backend, of, in -> {
                held[0] = backend.memory().used();
                backend.free(in.dz.buffer());
                backend.free(in.w.buffer());
                assertThat(works).isEmpty();
                held[1] = backend.memory().used();
            });
            assertThat(works).contains(FUSED);
            assertThat(held[1]).isEqualTo(held[0]);
            assertThat(actual.dx()).isEqualTo(expected.dx());
            assertThat(actual.dgamma()).isEqualTo(expected.dgamma());
        }
    }

    @Test
    void whatWasFreedMeanwhileIsTakenBackAfterwards() {
        Inputs in = new Inputs(backend, Case.of(false, false));
        backend.observe(work -> works.add(work.name()));
        convolve(backend, Case.of(false, false), in);
        long before = backend.memory().buffers();
        backend.free(in.dz.buffer());
        assertThat(works).isEmpty();
        backend.synchronize();
        assertThat(works).containsExactly("convolution backward data");
        assertThat(backend.memory().buffers()).isEqualTo(before - 1);
    }

    /** As for that of a convolution which is followed by other work. */
    @Test
    void aResultThatIsFreedIsMadeBefore() {
        Inputs in = new Inputs(backend, Case.of(false, false));
        backend.observe(work -> works.add(work.name()));
        convolve(backend, Case.of(false, false), in);
        assertThat(works).isEmpty();
        backend.free(in.dy.buffer());
        assertThat(works).containsExactly("convolution backward data");
    }

    @Test
    void aLibraryWithoutEnginesIsToldOfOnce() {
        Case of = Case.of(true, true);
        Gradients expected = separately(of);
        device.refuseGraphs(true);
        try (CudaBackend other = new CudaBackend(BackendOptions.defaults())) {
            for (int i = 0; i < 2; i++) {
                Gradients separate = gradients(other, of, in -> {});
                assertThat(works).containsExactlyElementsOf(SEPARATE);
                assertThat(separate.dx()).isEqualTo(expected.dx());
                assertThat(separate.dgamma()).isEqualTo(expected.dgamma());
            }
        }
        assertThat(log.list).filteredOn(e -> e.getLevel() == Level.INFO).hasSize(1);
        assertThat(log.list.get(0).getFormattedMessage())
                .contains("the gradient of a convolution's images with addend, gate and sums of products");
    }

    @Test
    void enginesAndSeparateCallsAreTimedForTheFile() throws Exception {
        Path file = folder.resolve("algorithms.tsv");
        BackendOptions options = BackendOptions.defaults().withAlgorithms(file);
        Case of = Case.of(false, true);
        try (CudaBackend timed = new CudaBackend(options)) {
            gradients(timed, of, in -> {});
        }
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> line.contains("GateSums"))
                .toList();
        assertThat(lines).hasSize(1);
        String chosen = lines.get(0).split("\t")[2];
        assertThat(chosen).isIn("12", "33", "999");
        // Both engines and the separate calls run four times each, with all that the gradient needs, and then the
        // choice.
        boolean isSeparate = chosen.equals("999");
        assertThat(Collections.frequency(works, FUSED)).isEqualTo(isSeparate ? 8 : 9);
        assertThat(Collections.frequency(works, "batch_norm_backward_sums_mixed"))
                .isEqualTo(isSeparate ? 5 : 4);
        assertThat(Collections.frequency(works, "batch_norm_backward_apply_mixed"))
                .isEqualTo(13);
        Gradients expected = separately(of);
        Files.writeString(file, lines.get(0).replaceFirst("\t\\d+\t[^\t]*$", "\t999\t1.0") + "\n");
        try (CudaBackend other = new CudaBackend(options)) {
            Gradients separate = gradients(other, of, in -> {});
            assertThat(works).containsExactlyElementsOf(SEPARATE);
            assertThat(separate.dx()).isEqualTo(expected.dx());
        }
    }
}
