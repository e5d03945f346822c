package org.alborz.cuda.dnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.Buffer;
import org.alborz.backend.ConvolutionSum;
import org.alborz.backend.Operand;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.CudaException;
import org.alborz.cuda.driver.Driver;
import org.alborz.softwarecuda.SoftwareDevice;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * What is done where cuDNN declines, how exact float32 is, and which algorithms are taken.
 *
 * <p>The file is long because all tests take the same convolutions and listen to the same log.
 */
final class ConvolutionTest {
    private static final int NOT_SUPPORTED = 3000;
    private static final int NOT_SUPPORTED_SHAPE = 3002;
    private static final int EXECUTION_FAILED = 5000;
    private static final String RECTIFIED = "cudnnConvolutionBiasActivationForward";
    private static final Conv2dParameters PADDED = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
    private static final Shape IMAGES = Shape.of(2, 8, 6, 5);
    private static final Shape WEIGHTS = Shape.of(4, 8, 3, 3);
    private static final Shape RESULT = Shape.of(2, 4, 6, 5);

    private final SoftwareDevice device = SoftwareGpu.device();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.alborz.cuda");

    private record TestOperand(Buffer buffer, Layout layout) implements Operand {}

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        device.reset();
        assertThat(device.leaks()).isEmpty();
    }

    private static TestOperand operand(Backend backend, Layout layout, int seed) {
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(layout.shape().elements())];
        for (int place : places(layout)) {
            values[place] = random.nextFloat() - 0.5f;
        }
        Buffer buffer = backend.allocate(DType.FLOAT32, values.length);
        backend.upload(FloatBuffer.wrap(values), buffer, 0);
        return new TestOperand(buffer, layout);
    }

    /** Returns the place of each element in memory, in row-major order. */
    private static int[] places(Layout layout) {
        Shape shape = layout.shape();
        return IntStream.range(0, Math.toIntExact(shape.elements()))
                .map(i -> {
                    long place = 0;
                    int left = i;
                    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                        place += left % shape.size(axis) * layout.stride(axis);
                        left /= shape.size(axis);
                    }
                    return Math.toIntExact(place);
                })
                .toArray();
    }

    /** Does one pass with the same numbers each time, and returns its result in row-major order. */
    private static float[] run(Backend backend, ConvolutionPass pass) {
        TestOperand x = operand(backend, Layout.channelsLast(IMAGES), 1);
        TestOperand w = operand(backend, backend.weightLayout(WEIGHTS), 2);
        TestOperand y = operand(backend, Layout.channelsLast(RESULT), 3);
        TestOperand result = switch (pass) {
            case FORWARD -> {
                backend.convolution().forward(PADDED, x, w, null, null, Activation.NONE, y);
                yield y;
            }
            case BACKWARD_DATA -> {
                backend.convolution().backwardData(PADDED, y, w, x);
                yield x;
            }
            case BACKWARD_FILTER -> {
                backend.convolution().backwardFilter(PADDED, x, y, w);
                yield w;
            }
        };
        float[] values = new float[Math.toIntExact(result.shape().elements())];
        backend.download(result.buffer(), 0, FloatBuffer.wrap(values));
        int[] places = places(result.layout());
        float[] ordered = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            ordered[i] = values[places[i]];
        }
        return ordered;
    }

    private static String heuristics(ConvolutionPass pass) {
        return switch (pass) {
            case FORWARD -> "cudnnGetConvolutionForwardAlgorithm_v7";
            case BACKWARD_DATA -> "cudnnGetConvolutionBackwardDataAlgorithm_v7";
            case BACKWARD_FILTER -> "cudnnGetConvolutionBackwardFilterAlgorithm_v7";
        };
    }

    private static String call(ConvolutionPass pass) {
        return switch (pass) {
            case FORWARD -> "cudnnConvolutionForward";
            case BACKWARD_DATA -> "cudnnConvolutionBackwardData";
            case BACKWARD_FILTER -> "cudnnConvolutionBackwardFilter";
        };
    }

    private static double difference(float[] a, float[] b) {
        double squares = 0;
        double norm = 0;
        assertThat(a).hasSameSizeAs(b);
        for (int i = 0; i < a.length; i++) {
            squares += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
            norm += (double) a[i] * a[i];
        }
        return Math.sqrt(squares / norm);
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(e -> e.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void whatCudnnHasNoAlgorithmForIsDoneByOurKernelWithOneWarning(ConvolutionPass pass) {
        try (Backend backend = SoftwareGpu.open()) {
            float[] expected = run(backend, pass);
            assertThat(warnings()).isEmpty();
            try (Backend declined = SoftwareGpu.open()) {
                device.inject(heuristics(pass), 1, NOT_SUPPORTED);
                assertThat(difference(expected, run(declined, pass))).isLessThan(1e-6);
                assertThat(difference(expected, run(declined, pass))).isLessThan(1e-6);
            }
        }
        assertThat(warnings())
                .singleElement()
                .asString()
                .contains("no deterministic algorithm", "plain kernel", "may help", "float32");
    }

    @Test
    void anAlgorithmThatIsRefusedWhenCalledGivesWayToTheNext() {
        try (Backend backend = SoftwareGpu.open()) {
            float[] expected = run(backend, ConvolutionPass.FORWARD);
            try (Backend declined = SoftwareGpu.open()) {
                device.inject(call(ConvolutionPass.FORWARD), 1, NOT_SUPPORTED_SHAPE);
                assertThat(difference(expected, run(declined, ConvolutionPass.FORWARD)))
                        .isLessThan(1e-6);
            }
        }
        assertThat(warnings()).isEmpty();
    }

    /** Of each gradient, the software library has one algorithm that is deterministic. */
    @ParameterizedTest
    @EnumSource(names = "FORWARD", mode = EnumSource.Mode.EXCLUDE)
    void whereEveryAlgorithmIsRefusedOurKernelDoesIt(ConvolutionPass pass) {
        try (Backend backend = SoftwareGpu.open()) {
            float[] expected = run(backend, pass);
            try (Backend declined = SoftwareGpu.open()) {
                device.inject(call(pass), 1, NOT_SUPPORTED_SHAPE);
                assertThat(difference(expected, run(declined, pass))).isLessThan(1e-6);
            }
        }
        assertThat(warnings()).singleElement().asString().contains("no deterministic algorithm");
    }

    /** The gradient is computed by itself then, by the same algorithm. */
    @Test
    void whatCudnnDoesNotAddInPlaceIsAddedAfterwards() {
        try (Backend backend = SoftwareGpu.open()) {
            float[] expected = sum(backend);
            try (Backend declined = SoftwareGpu.open()) {
                device.inject(call(ConvolutionPass.BACKWARD_DATA), 1, NOT_SUPPORTED_SHAPE);
                assertThat(difference(expected, sum(declined))).isLessThan(1e-6);
                assertThat(difference(expected, sum(declined))).isZero();
            }
        }
        assertThat(warnings()).isEmpty();
    }

    private static float[] sum(Backend backend) {
        TestOperand dx = operand(backend, Layout.channelsLast(IMAGES), 1);
        TestOperand w = operand(backend, backend.weightLayout(WEIGHTS), 2);
        TestOperand dy = operand(backend, Layout.channelsLast(RESULT), 3);
        backend.fusion(ConvolutionSum.class).orElseThrow().addBackwardData(PADDED, dy, w, dx);
        float[] values = new float[Math.toIntExact(IMAGES.elements())];
        backend.download(dx.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    @ParameterizedTest
    @EnumSource
    void anotherFailureIsNotGotOver(ConvolutionPass pass) {
        try (Backend backend = SoftwareGpu.open()) {
            device.inject(call(pass), 1, EXECUTION_FAILED);
            assertThatThrownBy(() -> run(backend, pass))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining("cudnn convolution")
                    .hasMessageContaining("CUDNN_STATUS_EXECUTION_FAILED (5000)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void heuristicsThatFailAreNotTakenForARefusal(ConvolutionPass pass) {
        try (Backend backend = SoftwareGpu.open()) {
            device.inject(heuristics(pass), 1, EXECUTION_FAILED);
            assertThatThrownBy(() -> run(backend, pass))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining(heuristics(pass))
                    .hasMessageContaining("CUDNN_STATUS_EXECUTION_FAILED (5000)");
            assertThat(run(backend, pass)).as("the next attempt").isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void tf32IsUsedOnlyWhereItIsAskedFor(ConvolutionPass pass) {
        try (Backend exact = SoftwareGpu.open();
                Backend rounded = new CudaBackend(BackendOptions.defaults().withTf32());
                Backend scalar = Backends.find().open("cpu-scalar", BackendOptions.defaults())) {
            float[] truth = run(scalar, pass);
            assertThat(difference(truth, run(exact, pass))).isLessThan(1e-6);
            assertThat(difference(truth, run(rounded, pass))).isBetween(2e-5, 1e-3);
        }
    }

    @Test
    void anAlgorithmIsTimedOnceAndTakenFromTheFileLater(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("algorithms.tsv");
        BackendOptions options = BackendOptions.defaults().withAlgorithms(file);
        String[] cells;
        float[] expected;
        try (CudaBackend heuristics = new CudaBackend(BackendOptions.defaults());
                CudaBackend timed = new CudaBackend(options)) {
            expected = run(heuristics, ConvolutionPass.FORWARD);
            assertThat(run(timed, ConvolutionPass.FORWARD)).isEqualTo(expected);
            assertThat(run(timed, ConvolutionPass.FORWARD)).isEqualTo(expected);
            cells = Files.readAllLines(file).get(0).split("\t");
            assertThat(cells[0]).contains("Software CUDA", "cuDNN ");
            assertThat(cells[1]).startsWith("ConvolutionKey[pass=FORWARD");
            assertThat(numbers(timed)).containsExactly(Integer.parseInt(cells[2]));
            assertThat(Double.parseDouble(cells[3])).isPositive();
        }
        int other = 1 - Integer.parseInt(cells[2]);
        String line = cells[0] + "\t" + cells[1] + "\t" + other + "\t1.0";
        Files.write(file, List.of(cells[0] + " of another machine\t" + cells[1] + "\t" + cells[2] + "\t1.0", line));
        try (CudaBackend resumed = new CudaBackend(options)) {
            assertThat(run(resumed, ConvolutionPass.FORWARD)).isEqualTo(expected);
            assertThat(numbers(resumed)).containsExactly(other);
        }
        assertThat(Files.readAllLines(file)).hasSize(2);
        assertThat(warnings()).isEmpty();
        Files.write(file, List.of(cells[0] + "\t" + cells[1] + "\t7\t1.0"));
        try (CudaBackend unknown = new CudaBackend(options)) {
            assertThat(run(unknown, ConvolutionPass.FORWARD)).isEqualTo(expected);
        }
        assertThat(warnings()).singleElement().asString().contains("does not offer algorithm 7");
    }

    @Test
    void whatAnotherProcessHasTimedMeanwhileIsTakenFromTheFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("algorithms.tsv");
        BackendOptions options = BackendOptions.defaults().withAlgorithms(file);
        try (CudaBackend first = new CudaBackend(options);
                CudaBackend second = new CudaBackend(options)) {
            float[] expected = run(first, ConvolutionPass.FORWARD);
            int other = 1 - numbers(first).get(0);
            String[] cells = Files.readString(file).split("\t");
            Files.writeString(file, cells[0] + "\t" + cells[1] + "\t" + other + "\t1.0\n");
            assertThat(run(second, ConvolutionPass.FORWARD)).isEqualTo(expected);
            assertThat(numbers(second)).containsExactly(other);
            assertThat(Files.readAllLines(file)).hasSize(1);
        }
    }

    /** The three operands are allocated first. */
    @Test
    void withoutMemoryToTimeAlgorithmsTheLibrarysChoiceIsTaken(@TempDir Path folder) {
        Path file = folder.resolve("algorithms.tsv");
        try (CudaBackend heuristics = new CudaBackend(BackendOptions.defaults());
                CudaBackend timed = new CudaBackend(BackendOptions.defaults().withAlgorithms(file))) {
            float[] expected = run(heuristics, ConvolutionPass.FORWARD);
            device.inject("cuMemAlloc_v2", 4, Driver.OUT_OF_MEMORY);
            assertThat(run(timed, ConvolutionPass.FORWARD)).isEqualTo(expected);
            assertThat(numbers(timed)).isEqualTo(numbers(heuristics));
        }
        assertThat(file).isEmptyFile();
        assertThat(warnings()).singleElement().asString().contains("are not timed", "Use a smaller batch");
    }

    private static List<Integer> numbers(CudaBackend backend) {
        return backend.algorithms().stream().map(ChosenAlgorithm::number).toList();
    }

    @Test
    void aSumGoesOnWhenAlgorithmsAreTimed(@TempDir Path folder) {
        try (Backend heuristics = SoftwareGpu.open();
                Backend timed = new CudaBackend(BackendOptions.defaults().withAlgorithms(folder.resolve("file")))) {
            assertThat(sum(timed)).isEqualTo(sum(heuristics));
        }
    }

    @Test
    void aFileThatHoldsSomethingElseIsRefused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("notes"), "something\n");
        assertThatThrownBy(() -> new CudaBackend(BackendOptions.defaults().withAlgorithms(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 'something'; name another file");
    }

    /** Convolves, adds a bias and an addend, and rectifies. */
    private static float[] rectified(Backend backend, boolean residual, float firstBias) {
        TestOperand x = operand(backend, Layout.channelsLast(IMAGES), 1);
        TestOperand w = operand(backend, backend.weightLayout(WEIGHTS), 2);
        TestOperand y = operand(backend, Layout.channelsLast(RESULT), 3);
        TestOperand bias = operand(backend, Layout.rowMajor(Shape.of(RESULT.size(1))), 4);
        TestOperand addend = residual ? operand(backend, Layout.channelsLast(RESULT), 5) : null;
        if (firstBias != 0) {
            backend.upload(FloatBuffer.wrap(new float[] {firstBias}), bias.buffer(), 0);
        }
        backend.convolution().forward(PADDED, x, w, bias, addend, Activation.RELU, y);
        float[] values = new float[Math.toIntExact(RESULT.elements())];
        backend.download(y.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    /** The software library rounds the sum once more before a kernel of our own adds, which changes no float32. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withTf32CudnnAddsTheBiasAndRectifies(boolean residual) {
        try (Backend rounded = new CudaBackend(BackendOptions.defaults().withTf32());
                Backend declined = new CudaBackend(BackendOptions.defaults().withTf32())) {
            float[] together = rectified(rounded, residual, 0);
            device.inject(heuristics(ConvolutionPass.FORWARD), 1, NOT_SUPPORTED);
            assertThat(together).contains(0).isEqualTo(rectified(declined, residual, 0));
            device.inject(RECTIFIED, 1, EXECUTION_FAILED);
            assertThat(rectified(declined, residual, 0)).as("without the call").isEqualTo(together);
            assertThatThrownBy(() -> rectified(rounded, residual, 0))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining("CUDNN_STATUS_EXECUTION_FAILED (5000)");
        }
        assertThat(warnings()).isEmpty();
    }

    @Test
    void onlyACallThatRectifiesMakesNaN0() {
        try (Backend exact = SoftwareGpu.open()) {
            assertThat(rectified(exact, false, Float.NaN)).contains(Float.NaN);
        }
        try (Backend rounded = new CudaBackend(BackendOptions.defaults().withTf32())) {
            assertThat(rectified(rounded, false, Float.NaN))
                    .doesNotContain(Float.NaN)
                    .startsWith(0);
        }
    }

    @Test
    void productsAreRoundedToTf32OnlyWhereItIsAskedFor() {
        try (Backend exact = SoftwareGpu.open();
                Backend rounded = new CudaBackend(BackendOptions.defaults().withTf32());
                Backend scalar = Backends.find().open("cpu-scalar", BackendOptions.defaults())) {
            float[] truth = product(scalar);
            assertThat(exact.device()).doesNotContain("TF32");
            assertThat(rounded.device()).contains("TF32");
            assertThat(difference(truth, product(exact))).isLessThan(1e-6);
            assertThat(difference(truth, product(rounded))).isBetween(2e-5, 1e-3);
        }
    }

    private static float[] product(Backend backend) {
        TestOperand a = operand(backend, Layout.rowMajor(Shape.of(33, 70)), 1);
        TestOperand b = operand(backend, Layout.rowMajor(Shape.of(70, 34)), 2);
        TestOperand y = operand(backend, Layout.rowMajor(Shape.of(33, 34)), 3);
        backend.matMul().multiply(a, b, null, Activation.NONE, y);
        float[] values = new float[33 * 34];
        backend.download(y.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }
}
