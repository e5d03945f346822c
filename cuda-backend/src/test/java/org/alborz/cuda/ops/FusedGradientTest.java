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
import java.util.Random;
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

/**
 * Gradients of a convolution's images in 16 bits and of the batch norm that made them, whose sums cuDNN takes where it has an engine for it.
 *
 * <p>The file is long because all tests compare the same gradients, of inputs that need many lines to make.
 */
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
    private static final int NOT_SUPPORTED_SHAPE = 3002;

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
     * What is computed. Half of the gammas are negative; no beta is larger than its gamma.
     *
     * @param hasAddend whether images were added before the activation
     * @param isAdded whether the convolution's gradient is added to another
     * @param isUsedUp whether nobody else reads the convolution's gradient
     */
    private record Case(
            DType dtype,
            boolean hasAddend,
            boolean isAdded,
            Activation activation,
            boolean isUsedUp,
            float[] x,
            float[] gamma,
            float[] beta) {
        static Case of(boolean hasAddend, boolean isAdded) {
            return of(DType.BFLOAT16, hasAddend, isAdded, Activation.RELU, true);
        }

        static Case of(DType dtype, boolean hasAddend, boolean isAdded, Activation activation, boolean isUsedUp) {
            float[] gamma = drawn(CHANNELS, 10);
            float[] beta = drawn(CHANNELS, 11);
            for (int i = 0; i < CHANNELS; i++) {
                gamma[i] += Math.signum(gamma[i]) * 0.5f;
            }
            float[] x = drawn(IMAGES.elements(), 1);
            return new Case(dtype, hasAddend, isAdded, activation, isUsedUp, x, gamma, beta);
        }

        /** Adds to the images of a channel. */
        Case offset(int channel, float by) {
            for (int i = channel; i < x.length; i += CHANNELS) {
                x[i] += by;
            }
            return this;
        }

        /** Has the images of a channel be 1 and the next number of bfloat16 in turn, which is much less away than the square root of epsilon. */
        Case nearlyConstant(int channel) {
            for (int i = 0; i < x.length / CHANNELS; i++) {
                x[i * CHANNELS + channel] = 1 + i % 2 * 0x1p-7f;
            }
            return parameters(channel, 1, 1);
        }

        Case parameters(int channel, float itsGamma, float itsBeta) {
            gamma[channel] = itsGamma;
            beta[channel] = itsBeta;
            return this;
        }
    }

    /** Returns numbers from -0.5 to 0.5. */
    private static float[] drawn(long count, int seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private record Gradients(float[] dx, float[] dgamma, float[] dbeta, float[] daddend, float[] ofConvolution) {}

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
            x = rounded(on, of.dtype(), images, of.x());
            gamma = floats(on, of.gamma());
            beta = floats(on, of.beta());
            y = rounded(on, of.dtype(), images, 3);
            mean = floats(on, new float[CHANNELS]);
            variance = floats(on, new float[CHANNELS]);
            BatchNormGate fusion = on.fusion(BatchNormGate.class).orElseThrow();
            int bytes = (int) fusion.bytes(of.dtype(), IMAGES);
            gate = new TestOperand(on.allocate(DType.UINT8, bytes), Layout.rowMajor(Shape.of(bytes)));
            TestOperand addend = of.hasAddend() ? rounded(on, of.dtype(), images, 4) : null;
            fusion.batchNorm(EPSILON, x, gamma, beta, addend, of.activation(), y, mean, variance, gate);
            dz = rounded(on, of.dtype(), Layout.channelsLast(RESULT), 5);
            w = rounded(on, of.dtype(), Layout.channelsLast(FILTERS), 6);
            dy = rounded(on, of.dtype(), images, 7);
        }
    }

    private static TestOperand floats(CudaBackend on, float... values) {
        Layout layout = Layout.rowMajor(Shape.of(values.length));
        TestOperand operand = new TestOperand(on.allocate(DType.FLOAT32, values.length), layout);
        on.upload(FloatBuffer.wrap(values), operand.buffer(), 0);
        return operand;
    }

    private static TestOperand rounded(CudaBackend on, DType dtype, Layout layout, int seed) {
        return rounded(on, dtype, layout, drawn(layout.shape().elements(), seed));
    }

    /** @param values in the order of the memory */
    private static TestOperand rounded(CudaBackend on, DType dtype, Layout layout, float[] values) {
        TestOperand exact = new TestOperand(floats(on, values).buffer(), layout);
        TestOperand rounded = new TestOperand(on.allocate(dtype, values.length), layout);
        on.elementwise().copy(exact, rounded);
        on.free(exact.buffer());
        return rounded;
    }

    private static float[] widened(CudaBackend on, TestOperand of) {
        TestOperand exact =
                new TestOperand(on.allocate(DType.FLOAT32, of.buffer().elements()), of.layout());
        on.elementwise().copy(of, exact);
        return numbers(on, exact);
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
        TestOperand dx = rounded(on, of.dtype(), images, 8);
        TestOperand dgamma = floats(on, new float[CHANNELS]);
        TestOperand dbeta = floats(on, new float[CHANNELS]);
        TestOperand daddend = of.hasAddend() ? rounded(on, of.dtype(), images, 9) : null;
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
                widened(on, dx),
                numbers(on, dgamma),
                numbers(on, dbeta),
                daddend == null ? null : widened(on, daddend),
                widened(on, in.dy));
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

    /** The channels from 32 on, the second tile, are read, since the sums of one of them have lost digits. */
    @ParameterizedTest
    @CsvSource({
        "BFLOAT16, false, false, RELU",
        "BFLOAT16, false, true, RELU6",
        "BFLOAT16, true, false, RELU6",
        "BFLOAT16, true, true, RELU",
        "FLOAT16, false, true, RELU",
        "FLOAT16, true, false, RELU"
    })
    void theSumsComeWithTheGradientOfTheConvolution(
            DType dtype, boolean hasAddend, boolean isAdded, Activation activation) {
        Case of = Case.of(dtype, hasAddend, isAdded, activation, true);
        if (hasAddend) {
            of.offset(35, 20);
        } else {
            of.parameters(35, -0.5f, 2.5f);
        }
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
        assertThat(firstTile(fused.dgamma())).isNotEqualTo(firstTile(separate.dgamma()));
        assertThat(secondTile(fused.dgamma())).isEqualTo(secondTile(separate.dgamma()));
        assertClose(fused.dbeta(), separate.dbeta(), 1e-4);
        assertClose(fused.dx(), separate.dx(), 0.05);
        if (hasAddend) {
            assertThat(fused.daddend()).isEqualTo(separate.daddend());
        }
        Gradients again = gradients(of);
        assertThat(again.dx()).isEqualTo(fused.dx());
        assertThat(again.dgamma()).isEqualTo(fused.dgamma());
        assertThat(again.dbeta()).isEqualTo(fused.dbeta());
    }

    private static float[] firstTile(float[] ofChannels) {
        return Arrays.copyOf(ofChannels, 32);
    }

    private static float[] secondTile(float[] ofChannels) {
        return Arrays.copyOfRange(ofChannels, 32, CHANNELS);
    }

    private void requireRead(Case of) {
        Gradients fused = gradients(of);
        assertThat(works).contains(FUSED);
        Gradients separate = separately(of);
        assertThat(firstTile(fused.dgamma())).isNotEqualTo(firstTile(separate.dgamma()));
        assertThat(secondTile(fused.dgamma())).isEqualTo(secondTile(separate.dgamma()));
    }

    /** A gamma of 0, and one below the normal numbers of float16. */
    @Test
    void whereGammaIsTooSmallImagesAreRead() {
        requireRead(Case.of(false, false).parameters(33, 0, 0));
        requireRead(Case.of(DType.FLOAT16, false, false, Activation.RELU, true).parameters(33, 0x1p-16f, 0));
    }

    @Test
    void whereTheVarianceIsMuchLessThanEpsilonImagesAreRead() {
        requireRead(Case.of(false, false).nearlyConstant(34));
    }

    @Test
    void oneImageThatIsNoNumberMakesTheGradientsOfItsChannelNone() {
        Case of = Case.of(false, false);
        of.x()[CHANNELS * 7 + 34] = Float.NaN;
        Gradients fused = gradients(of);
        assertThat(works).contains(FUSED);
        assertThat(fused.dgamma()[34]).isNaN();
        assertThat(separately(of).dgamma()[34]).isNaN();
        assertThat(fused.dgamma()[33]).isFinite();
    }

    @Test
    void aGradientThatOthersReadIsWritten() {
        Case used = Case.of(true, true);
        Gradients separate = separately(used);
        Gradients kept = gradients(Case.of(DType.BFLOAT16, true, true, Activation.RELU, false));
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

    /** Also where cuDNN refuses to add in the separate calls that are timed, so that these add afterwards. */
    @Test
    void whatTheTimedEnginesReadStaysInUse() {
        assertThat(usedBySeparateCalls(true)).hasSizeGreaterThanOrEqualTo(4).isEqualTo(usedBySeparateCalls(false));
    }

    /** Returns the bytes that are in use before the sums of the first four separate calls, which are timed. */
    private List<Long> usedBySeparateCalls(boolean refusesToAdd) {
        Case of = Case.of(false, true);
        List<Long> used = new ArrayList<>();
        Path file = folder.resolve(refusesToAdd + ".tsv");
        try (CudaBackend timed = new CudaBackend(BackendOptions.defaults().withAlgorithms(file))) {
            gradients(timed, of, in -> timed.synchronize()); // times the algorithms of the convolution by itself
            if (refusesToAdd) {
                device.inject("cudnnConvolutionBackwardData", 1, NOT_SUPPORTED_SHAPE);
            }
            gradients(timed, of, in -> {
                timed.observe(work -> {
                    if (work.name().equals("batch_norm_backward_sums_mixed")) {
                        used.add(timed.memory().used());
                    }
                });
                timed.free(in.dz.buffer());
                timed.free(in.w.buffer());
            });
        }
        return used.subList(0, Math.min(4, used.size()));
    }
}
