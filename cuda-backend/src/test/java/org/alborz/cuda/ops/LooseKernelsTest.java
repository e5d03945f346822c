package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Random;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.Context;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Modules;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.Staging;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels that no family uses yet, against plain loops. */
final class LooseKernelsTest {
    private static final double EPSILON = 1e-5;

    private final Resources resources = new Resources();
    private final Random random = new Random(5);
    private LaunchContext context;
    private Staging staging;

    @BeforeEach
    void open() {
        SoftwareGpu.device();
        Context device = resources.add(new Context(0));
        Stream stream = resources.add(new Stream(device));
        DevicePool pool = resources.add(new DevicePool(stream, true));
        staging = resources.add(new Staging(stream));
        Launcher launcher = resources.add(new Launcher(stream));
        context = new LaunchContext(stream, launcher, resources.add(new Modules(device)), pool);
    }

    @AfterEach
    void close() {
        resources.close();
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    @ParameterizedTest(name = "{0} rows of {1}")
    @CsvSource({"1, 1", "3, 7", "5, 32", "9, 33", "2, 1030", "130, 40"})
    void layerNorm(int rows, int channels) {
        String form = channels <= 1024 ? "warp" : "block";
        double[] x = draw(rows * channels);
        double[] gamma = draw(channels);
        double[] beta = draw(channels);
        double[] dy = draw(rows * channels);
        CudaBuffer y = empty(rows * channels);
        CudaBuffer statistics = empty(2 * rows);
        CudaBuffer dx = empty(rows * channels);
        context.launch(context.modules().kernel("layer_norm_" + form + "_f64"))
                .value(EPSILON)
                .address(upload(x))
                .address(upload(gamma))
                .address(upload(beta))
                .address(y.at(0))
                .address(statistics.at(0))
                .value((long) rows)
                .value((long) channels);
        context.run(rows, form.equals("warp") ? 8 : 1);
        context.launch(context.modules().kernel("layer_norm_backward_" + form + "_f64"))
                .address(upload(x))
                .address(upload(gamma))
                .address(statistics.at(0))
                .address(upload(dy))
                .address(dx.at(0))
                .value((long) rows)
                .value((long) channels);
        context.run(rows, form.equals("warp") ? 8 : 1);
        int parts = 3;
        CudaBuffer partial = empty(2 * parts * channels);
        CudaBuffer dgamma = empty(channels);
        CudaBuffer dbeta = empty(channels);
        context.launch(context.modules().kernel("layer_norm_backward_sums_f64"))
                .address(upload(x))
                .address(statistics.at(0))
                .address(upload(dy))
                .address(partial.at(0))
                .value((long) rows)
                .value((long) channels)
                .value(parts);
        context.run((channels + 31) / 32 * (long) parts, 1);
        context.launch(context.modules().kernel("layer_norm_backward_finish_f64"))
                .address(partial.at(0))
                .address(dgamma.at(0))
                .address(dbeta.at(0))
                .value((long) channels)
                .value(parts);
        context.run((channels + 31) / 32, 1);

        double[] expectedY = new double[x.length];
        double[] expectedDx = new double[x.length];
        double[] expectedDgamma = new double[channels];
        double[] expectedDbeta = new double[channels];
        for (int row = 0; row < rows; row++) {
            normalize(
                    row * channels, channels, x, gamma, beta, dy, expectedY, expectedDx, expectedDgamma, expectedDbeta);
        }
        assertThat(download(y)).containsExactly(expectedY, within(1e-12));
        assertThat(download(dx)).containsExactly(expectedDx, within(1e-9));
        assertThat(download(dgamma)).containsExactly(expectedDgamma, within(1e-10));
        assertThat(download(dbeta)).containsExactly(expectedDbeta, within(1e-12));
    }

    /** The mean of equal numbers is just that, whatever their size and how many they are. */
    @ParameterizedTest(name = "{0} rows of {1}")
    @CsvSource({"3, 7", "5, 33", "2, 1030"})
    void layerNormOfEqualNumbers(int rows, int channels) {
        String form = channels <= 1024 ? "warp" : "block";
        double[] x = new double[rows * channels];
        Arrays.fill(x, 1000.1);
        double[] beta = draw(channels);
        CudaBuffer y = empty(rows * channels);
        CudaBuffer statistics = empty(2 * rows);
        context.launch(context.modules().kernel("layer_norm_" + form + "_f64"))
                .value(EPSILON)
                .address(upload(x))
                .address(upload(draw(channels)))
                .address(upload(beta))
                .address(y.at(0))
                .address(statistics.at(0))
                .value((long) rows)
                .value((long) channels);
        context.run(rows, form.equals("warp") ? 8 : 1);
        double[] expected = new double[x.length];
        Arrays.setAll(expected, i -> beta[i % channels]);
        assertThat(download(y)).isEqualTo(expected);
        assertThat(Arrays.copyOf(download(statistics), rows)).containsOnly(1000.1);
    }

    /** Does one row by the formulas of Ba et al. 2016. */
    private static void normalize(
            int at,
            int channels,
            double[] x,
            double[] gamma,
            double[] beta,
            double[] dy,
            double[] y,
            double[] dx,
            double[] dgamma,
            double[] dbeta) {
        double mean = 0;
        for (int c = 0; c < channels; c++) {
            mean += x[at + c] / channels;
        }
        double variance = 0;
        for (int c = 0; c < channels; c++) {
            variance += (x[at + c] - mean) * (x[at + c] - mean) / channels;
        }
        double inverse = 1 / Math.sqrt(variance + EPSILON);
        double meanSlope = 0;
        double meanProduct = 0;
        for (int c = 0; c < channels; c++) {
            double normal = (x[at + c] - mean) * inverse;
            y[at + c] = normal * gamma[c] + beta[c];
            dgamma[c] += dy[at + c] * normal;
            dbeta[c] += dy[at + c];
            meanSlope += dy[at + c] * gamma[c] / channels;
            meanProduct += dy[at + c] * gamma[c] * normal / channels;
        }
        for (int c = 0; c < channels; c++) {
            double normal = (x[at + c] - mean) * inverse;
            dx[at + c] = inverse * (dy[at + c] * gamma[c] - meanSlope - normal * meanProduct);
        }
    }

    @Test
    void cropAndFlip() {
        int sources = 3;
        int height = 5;
        int width = 7;
        int channels = 2;
        int[] moves = {0, 0, 0, 0, 2, 1, -2, 0, 1, -3, 3, 1, 2, 0, 0, 1, 0, 5, 0, 0};
        int images = moves.length / 4;
        float[] set = new float[sources * height * width * channels];
        for (int i = 0; i < set.length; i++) {
            set[i] = 1 + i;
        }
        float[] scale = {2, -1};
        float[] shift = {0.5f, 3};
        CudaBuffer y = context.pool().allocate(DType.FLOAT32, (long) images * height * width * channels);
        IndexFaults faults = resources.add(new IndexFaults());
        context.launch(context.modules().kernel("crop_flip_f32_f32"))
                .address(upload(set))
                .address(upload(moves))
                .address(upload(scale))
                .address(upload(shift))
                .address(y.at(0))
                .value(images)
                .value(sources)
                .value(height)
                .value(width)
                .value(channels)
                .address(faults.address());
        context.run((long) images * height * width, 256);
        float[] actual = new float[(int) y.elements()];
        staging.download(y.pointer(0), Float.BYTES, FloatBuffer.wrap(actual));
        int next = 0;
        for (int n = 0; n < images; n++) {
            for (int h = 0; h < height; h++) {
                for (int w = 0; w < width; w++) {
                    int row = h + moves[4 * n + 1];
                    int column = (moves[4 * n + 3] == 1 ? width - 1 - w : w) + moves[4 * n + 2];
                    boolean inside = row >= 0 && row < height && column >= 0 && column < width;
                    for (int c = 0; c < channels; c++) {
                        int from = ((moves[4 * n] * height + row) * width + column) * channels + c;
                        float expected = inside ? set[from] * scale[c] + shift[c] : 0;
                        assertThat(actual[next++])
                                .as("image %d at %d, %d, channel %d", n, h, w, c)
                                .isEqualTo(expected);
                    }
                }
            }
        }
        faults.throwRaised();
    }

    private double[] draw(int count) {
        return random.doubles(count, -2, 3).toArray();
    }

    private CudaBuffer empty(int count) {
        return context.pool().allocate(DType.FLOAT64, count);
    }

    private long upload(double[] values) {
        CudaBuffer buffer = empty(values.length);
        staging.upload(DoubleBuffer.wrap(values), Double.BYTES, buffer.pointer(0));
        return buffer.at(0);
    }

    private long upload(float[] values) {
        CudaBuffer buffer = context.pool().allocate(DType.FLOAT32, values.length);
        staging.upload(FloatBuffer.wrap(values), Float.BYTES, buffer.pointer(0));
        return buffer.at(0);
    }

    private long upload(int[] values) {
        CudaBuffer buffer = context.pool().allocate(DType.INT32, values.length);
        staging.upload(IntBuffer.wrap(values), Integer.BYTES, buffer.pointer(0));
        return buffer.at(0);
    }

    private double[] download(CudaBuffer buffer) {
        double[] values = new double[(int) buffer.elements()];
        staging.download(buffer.pointer(0), Double.BYTES, DoubleBuffer.wrap(values));
        return values;
    }
}
