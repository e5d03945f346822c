package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.alborz.cuda.ops.WholeBatchNormGradient.Division;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gradient of a batch norm is one launch where x and dy fit in the device's registers and shared memory, and gives what two launches do. */
final class WholeBatchNormGradientTest extends OnSoftwareGpu {
    private static final int CHANNELS = 16;

    // Bytes of shared memory that a block has at most.
    private static final int H100 = 227 << 10;
    private static final int A100 = 163 << 10;
    private static final int GEFORCE = 99 << 10;

    private final List<String> works = new ArrayList<>();

    private TestOperand drawn(DType dtype, long seed, Shape shape) {
        TestOperand drawn = drawn(seed, shape);
        TestOperand rounded = operand(dtype, shape.elements(), drawn.layout());
        backend.elementwise().copy(drawn, rounded);
        return rounded;
    }

    private TestOperand drawn(long seed, Shape shape) {
        Random random = new Random(seed);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return operand(DType.FLOAT32, FloatBuffer.wrap(values), Layout.rowMajor(shape));
    }

    private float[] download(TestOperand of) {
        float[] values = new float[(int) of.buffer().elements()];
        TestOperand widened = operand(DType.FLOAT32, values.length, of.layout());
        backend.elementwise().copy(of, widened);
        backend.download(widened.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    /** Returns dx, dgamma, dbeta and the addend's gradient of rows after a rectifier; parameters are of float32. */
    private List<float[]> gradients(DType dtype, int rows, int channels) {
        Shape shape = Shape.of(rows, channels);
        Shape ofChannels = Shape.of(channels);
        TestOperand x = drawn(dtype, 2, shape);
        TestOperand y = drawn(dtype, 6, shape);
        TestOperand dy = drawn(dtype, 7, shape);
        TestOperand dx = drawn(dtype, 1, shape);
        TestOperand dgamma = drawn(1, ofChannels);
        TestOperand dbeta = drawn(1, ofChannels);
        TestOperand daddend = drawn(dtype, 1, shape);
        works.clear();
        backend.observe(work -> works.add(work.name()));
        TestOperand variance = drawn(5, ofChannels);
        backend.upload(FloatBuffer.wrap(new float[channels]), variance.buffer(), 0);
        works.clear();
        backend.normalization()
                .batchNormBackward(
                        0.5,
                        x,
                        drawn(3, ofChannels),
                        drawn(4, ofChannels),
                        variance,
                        Activation.RELU,
                        y,
                        dy,
                        dx,
                        dgamma,
                        dbeta,
                        daddend);
        works.removeIf("upload"::equals);
        return List.of(download(dx), download(dgamma), download(dbeta), download(daddend));
    }

    /** Of one block, of several of which the last is not full, and the same twice: the bits are the same. */
    @ParameterizedTest
    @CsvSource({"FLOAT32, 0", "FLOAT16, 0x1p-11", "BFLOAT16, 0x1p-8"})
    void oneLaunchGivesTheSums(DType dtype, double rounding) {
        for (int rows : new int[] {1, 100, 1024, 2500}) {
            List<float[]> first = gradients(dtype, rows, CHANNELS);
            assertThat(works).first().isEqualTo("batch_norm_backward_whole");
            List<float[]> again = gradients(dtype, rows, CHANNELS);
            device.reversed(true);
            List<float[]> reversed = gradients(dtype, rows, CHANNELS);
            device.reversed(false);
            for (int i = 0; i < first.size(); i++) {
                assertThat(again.get(i)).isEqualTo(first.get(i));
                assertThat(reversed.get(i)).isEqualTo(first.get(i));
            }
            requireSums(dtype, rounding, rows, first);
        }
    }

    private void requireSums(DType dtype, double rounding, int rows, List<float[]> gradients) {
        Shape shape = Shape.of(rows, CHANNELS);
        float[] x = download(drawn(dtype, 2, shape));
        float[] mean = download(drawn(4, Shape.of(CHANNELS)));
        float[] gamma = download(drawn(3, Shape.of(CHANNELS)));
        float[] y = download(drawn(dtype, 6, shape));
        float[] dy = download(drawn(dtype, 7, shape));
        double inverse = 1 / Math.sqrt(0.5);
        boolean isPassed = true;
        boolean areClose = true;
        for (int c = 0; c < CHANNELS; c++) {
            double total = 0;
            double products = 0;
            double rest = 0;
            for (int i = c; i < x.length; i += CHANNELS) {
                double passed = y[i] > 0 ? dy[i] : 0;
                isPassed &= gradients.get(3)[i] == (float) passed;
                total += passed;
                products += passed * (x[i] - mean[c]) * inverse;
                rest += (x[i] - mean[c]) * inverse / rows;
            }
            double product = products - rest * total;
            assertThat(gradients.get(1)[c]).isCloseTo((float) product, within(1e-4f * (1 + rows)));
            assertThat(gradients.get(2)[c]).isCloseTo((float) total, within(1e-5f * (1 + rows)));
            double ofSum = total - rest * product;
            for (int i = c; i < x.length; i += CHANNELS) {
                double passed = y[i] > 0 ? dy[i] : 0;
                double normalized = (x[i] - mean[c]) * inverse;
                double expected = gamma[c] * inverse * (passed - ofSum / rows - normalized * product / rows);
                double error = 1e-4 + 1.01 * rounding * Math.abs(expected);
                areClose &= Math.abs(gradients.get(0)[i] - expected) <= error;
            }
        }
        assertThat(isPassed).as("dy where the activation lets it pass").isTrue();
        assertThat(areClose).as("dx within its rounding").isTrue();
    }

    /** What 64 multiprocessors do not keep in registers, shared memory holds; the last block is not full, nor are registers of its threads. */
    @ParameterizedTest
    @CsvSource({"FLOAT32, 0, 98340", "FLOAT16, 0x1p-11, 131112", "BFLOAT16, 0x1p-8, 196680"})
    @Tag("sweep")
    void halfOfSharedMemoryOrAllHoldsThem(DType dtype, double rounding, int rows) {
        requireInShared(dtype, rounding, rows);
    }

    @Test
    void sharedMemoryHoldsWhatRegistersDoNot() {
        requireInShared(DType.FLOAT32, 0, 65556);
    }

    private void requireInShared(DType dtype, double rounding, int rows) {
        List<float[]> first = gradients(dtype, rows, CHANNELS);
        assertThat(works).first().isEqualTo("batch_norm_backward_whole");
        device.reversed(true);
        List<float[]> reversed = gradients(dtype, rows, CHANNELS);
        device.reversed(false);
        for (int i = 0; i < first.size(); i++) {
            assertThat(reversed.get(i)).isEqualTo(first.get(i));
        }
        requireSums(dtype, rounding, rows, first);
    }

    /** Where packs of 16 bytes do not divide a row, threads would have several channels, or registers are too few. */
    @Test
    void twoLaunchesTakeTheRest() {
        for (int channels : new int[] {3, 12, 2048}) {
            gradients(DType.FLOAT32, 4, channels);
            assertThat(works).startsWith("batch_norm_backward_sums", "batch_norm_backward_apply");
        }
        device.idle(true);
        gradients(DType.FLOAT32, 129 * 1024, CHANNELS);
        assertThat(works).first().isEqualTo("batch_norm_backward_sums");
        device.idle(false);
    }

    /**
     * 132 blocks, each with 1,024 rows of 16 channels of float32 or twice as many of 16 bits in registers, and half as many or as many in shared memory, also
     * where a device has more.
     */
    @Test
    void theSizesDecideWhereADeviceHasMultiprocessorsEnough() {
        for (int together : new int[] {132, 148}) {
            assertThat(divide(DType.FLOAT32, 132 * 1024, together, H100)).contains(new Division(132, 0));
            assertThat(divide(DType.FLOAT32, 132 * 1024 + 1, together, H100)).contains(new Division(89, 8));
            assertThat(divide(DType.FLOAT32, 132 * 1536 + 1, together, H100)).contains(new Division(100, 16));
            assertThat(divide(DType.FLOAT32, 132 * 2048, together, H100)).contains(new Division(132, 16));
            assertThat(divide(DType.FLOAT32, 132 * 2048 + 1, together, H100)).isEmpty();
            assertThat(divide(DType.BFLOAT16, 132 * 2048, together, H100)).contains(new Division(132, 0));
            assertThat(divide(DType.BFLOAT16, 132 * 4096, together, H100)).contains(new Division(132, 16));
        }
    }

    /** An A100 has 108 multiprocessors with as much shared memory as this takes, a GeForce 5090 170 with less. */
    @Test
    void otherDevicesKeepWhatTheyHold() {
        assertThat(divide(DType.FLOAT32, 108 * 1024, 108, A100)).contains(new Division(108, 0));
        assertThat(divide(DType.FLOAT32, 132 * 1024, 108, A100)).contains(new Division(88, 8));
        assertThat(divide(DType.FLOAT32, 132 * 1536, 108, A100)).contains(new Division(99, 16));
        assertThat(divide(DType.FLOAT32, 132 * 2048, 108, A100)).isEmpty();
        assertThat(divide(DType.FLOAT32, 132 * 1024, 170, GEFORCE)).contains(new Division(132, 0));
        assertThat(divide(DType.FLOAT32, 132 * 1024 + 1, 170, GEFORCE)).contains(new Division(89, 8));
        assertThat(divide(DType.FLOAT32, 132 * 1536 + 1, 170, GEFORCE)).isEmpty();
        assertThat(divide(DType.FLOAT32, 1024, 0, H100)).isEmpty();
        assertThat(new Division(1, 16).sharedBytes()).isEqualTo(2 * 16 * 256 * 16);
    }

    private static Optional<Division> divide(DType dtype, long rows, int together, int sharedBytes) {
        return WholeBatchNormGradient.divide(dtype, rows * CHANNELS, CHANNELS, together, sharedBytes);
    }
}
