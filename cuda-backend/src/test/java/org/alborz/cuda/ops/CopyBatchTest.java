package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.Operand;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies that wait for each other and are done by one launch. */
final class CopyBatchTest extends OnSoftwareGpu {
    private final List<String> works = new ArrayList<>();

    private void observe() {
        backend.observe(work -> works.add(work.name()));
    }

    @AfterEach
    void modes() {
        device.reset();
    }

    private static Layout row(long from, int count) {
        return Layout.of(Shape.of(count), new long[] {1}, from);
    }

    private TestOperand part(TestOperand whole, int from, int count) {
        return new TestOperand(whole.buffer(), row(from, count));
    }

    private int[] download(TestOperand x) {
        int[] values = new int[(int) x.buffer().elements()];
        backend.download(x.buffer(), 0, IntBuffer.wrap(values));
        return values;
    }

    private void copy(Operand from, Operand to) {
        backend.elementwise().copy(from, to);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 119, 120, 121, 300})
    void manyAreOneLaunchAndCopyWhatTheyShould(int count) {
        Random random = new Random(count);
        int[] sizes = IntStream.range(0, count)
                .map(i -> i == 1 ? 3 * CopyBatch.PIECE / Integer.BYTES + 5 : 1 + random.nextInt(40))
                .toArray();
        int all = IntStream.of(sizes).sum();
        int[] values = random.ints(all).toArray();
        TestOperand from = integers(values);
        TestOperand to = integers(new int[all + 1]);
        observe();
        int at = 0;
        for (int size : sizes) {
            copy(part(from, at, size), part(to, at + 1, size)); // aligned differently
            at += size;
        }
        int[] copied = download(to);
        assertThat(IntStream.range(1, all + 1).map(i -> copied[i]).toArray()).isEqualTo(values);
        assertThat(copied[0]).isZero();
        assertThat(works.subList(0, works.size() - 1)).hasSize((count + CopyBatch.MOST - 1) / CopyBatch.MOST);
        assertThat(works.get(0)).isEqualTo("copy_batch");
    }

    /** Numbers of 16 bits to float32, aligned and not, in one launch; copies of bytes are another. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void conversionsAreOneLaunch(DType type) {
        int large = CopyBatch.PIECE + 3;
        int[] sizes = {1, 8, 40, large, 16};
        int all = IntStream.of(sizes).sum();
        float[] values = new float[all];
        for (int i = 0; i < all; i++) {
            values[i] = i % 255 - 127; // exact in both types
        }
        TestOperand source = operand(DType.FLOAT32, FloatBuffer.wrap(values), row(0, all));
        TestOperand from = operand(type, all + 16, row(16, all));
        TestOperand to = operand(DType.FLOAT32, FloatBuffer.wrap(new float[all + 1]), row(0, all + 1));
        copy(source, from);
        backend.synchronize();
        observe();
        int at = 0;
        for (int size : sizes) {
            copy(part(from, 16 + at, size), part(to, at + 1, size));
            at += size;
        }
        copy(part(to, 1, 8), part(source, 0, 8));
        float[] converted = new float[all + 1];
        backend.download(to.buffer(), 0, FloatBuffer.wrap(converted));
        assertThat(Arrays.copyOfRange(converted, 1, all + 1)).isEqualTo(values);
        assertThat(converted[0]).isZero();
        assertThat(works).containsExactly("convert_batch", "copy", "download");
    }

    /** What is converted is twice as long, so that it reaches into what another one reads or writes. */
    @Test
    void conversionsThatMeetKeepTheirOrder() {
        TestOperand ones = operand(DType.FLOAT32, FloatBuffer.wrap(new float[] {1, 1, 1, 1}), row(0, 4));
        TestOperand twos = operand(DType.FLOAT32, FloatBuffer.wrap(new float[] {2, 2, 2, 2}), row(0, 4));
        TestOperand first = operand(DType.BFLOAT16, 4, row(0, 4));
        TestOperand second = operand(DType.BFLOAT16, 4, row(0, 4));
        copy(ones, first);
        copy(twos, second);
        TestOperand to = operand(DType.FLOAT32, FloatBuffer.wrap(new float[6]), row(0, 6));
        backend.synchronize();
        observe();
        copy(first, part(to, 0, 4));
        copy(second, part(to, 2, 4));
        float[] converted = new float[6];
        backend.download(to.buffer(), 0, FloatBuffer.wrap(converted));
        assertThat(converted).containsExactly(1, 1, 2, 2, 2, 2);
        assertThat(works).containsExactly("convert_batch", "convert_batch", "download");
    }

    @Test
    void bytesThatAreNotAlignedAreCopied() {
        byte[] values = new byte[1000];
        new Random(1).nextBytes(values);
        TestOperand from = operand(DType.UINT8, java.nio.ByteBuffer.wrap(values), row(0, 1000));
        TestOperand to = operand(DType.UINT8, java.nio.ByteBuffer.wrap(new byte[1000]), row(0, 1000));
        copy(part(from, 1, 333), part(to, 2, 333));
        copy(part(from, 400, 501), part(to, 400, 501));
        byte[] copied = new byte[1000];
        backend.download(to.buffer(), 0, java.nio.ByteBuffer.wrap(copied));
        for (int i = 0; i < 1000; i++) {
            byte expected = i >= 2 && i < 335 ? values[i - 1] : i >= 400 && i < 901 ? values[i] : 0;
            assertThat(copied[i]).as("byte %d", i).isEqualTo(expected);
        }
    }

    /** What is read after it was written, written after it was read, and written twice. */
    @Test
    void copiesThatDependOnEachOtherKeepTheirOrder() {
        TestOperand a = integers(1, 2, 3, 4);
        TestOperand b = integers(5, 6, 7, 8);
        TestOperand c = integers(0, 0, 0, 0);
        copy(a, b);
        copy(part(b, 1, 3), part(c, 0, 3));
        assertThat(download(c)).containsExactly(2, 3, 4, 0);
        copy(part(a, 0, 2), part(c, 2, 2));
        copy(part(b, 2, 2), part(a, 0, 2));
        copy(part(a, 0, 2), part(c, 2, 2));
        assertThat(download(c)).containsExactly(2, 3, 3, 4);
        assertThat(download(a)).containsExactly(3, 4, 3, 4);
    }

    @Test
    void otherWorkComesAfterThem() {
        TestOperand a = integers(1, 2, 3, 4);
        TestOperand b = integers(0, 0, 0, 0);
        TestOperand c = integers(0, 0, 0, 0);
        observe();
        copy(part(a, 0, 2), part(b, 0, 2));
        copy(part(a, 2, 2), part(b, 2, 2));
        backend.elementwise().binary(org.alborz.backend.BinaryOp.ADD, b, b, c);
        copy(a, b);
        assertThat(download(c)).containsExactly(2, 4, 6, 8);
        assertThat(download(b)).containsExactly(1, 2, 3, 4);
        assertThat(works).containsExactly("copy_batch", "binary", "copy", "download", "download");
    }

    @Test
    void aCapturedGraphHoldsThem() {
        TestOperand a = integers(1, 2, 3, 4);
        TestOperand b = integers(0, 0, 0, 0);
        Runnable work = () -> {
            copy(part(a, 0, 2), part(b, 2, 2));
            copy(part(a, 2, 2), part(b, 0, 2));
        };
        work.run();
        backend.synchronize();
        List<StreamWork> captured = new ArrayList<>();
        backend.observe(captured::add);
        try (CapturedGraph graph = backend.graphCapture().orElseThrow().capture(work)) {
            backend.observe(null);
            assertThat(captured).extracting(StreamWork::name).containsExactly("copy_batch");
            assertThat(captured.get(0).captured()).isTrue();
            backend.upload(IntBuffer.wrap(new int[] {5, 6, 7, 8}), a.buffer(), 0);
            graph.replay(0);
            assertThat(download(b)).containsExactly(7, 8, 5, 6);
        }
    }

    @Test
    void aCaptureThatFailsForgetsThem() {
        TestOperand a = integers(1, 2, 3, 4);
        TestOperand b = integers(0, 0, 0, 0);
        try {
            backend.graphCapture().orElseThrow().capture(() -> {
                copy(part(a, 0, 2), part(b, 0, 2));
                throw new IllegalStateException("as a test");
            });
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessage("as a test");
        }
        assertThat(download(b)).containsExactly(0, 0, 0, 0);
        copy(part(a, 2, 2), part(b, 2, 2));
        assertThat(download(b)).containsExactly(0, 0, 3, 4);
    }
}
