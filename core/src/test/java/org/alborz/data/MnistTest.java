package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    @TempDir
    Path folder;

    private static byte[] idx(byte[] values, int... sizes) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * sizes.length + values.length);
        bytes.putInt(0x0800 | sizes.length);
        for (int size : sizes) {
            bytes.putInt(size);
        }
        return bytes.put(values).array();
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] pixels() {
        byte[] pixels = new byte[3 * 28 * 28];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 7);
        }
        return pixels;
    }

    @Test
    void readsPackedAndPlainFiles() throws IOException {
        Files.write(folder.resolve("train-images-idx3-ubyte.gz"), packed(idx(pixels(), 3, 28, 28)));
        Files.write(folder.resolve("train-labels-idx1-ubyte"), idx(new byte[] {5, 0, 9}, 3));
        IdxImages data = Mnist.train(folder);
        assertThat(data.size()).isEqualTo(3);
        assertThat(data.classes()).hasSize(10).startsWith("0", "1");
        assertThat(data.description()).isEqualTo("MNIST, training (3 images of 1 x 28 x 28, 10 classes)");
        Sample sample = Sample.of(data, 2);
        assertThat(sample.ints(1)).containsExactly(9);
        assertThat(sample.bytes(0)).isEqualTo(Arrays.copyOfRange(pixels(), 2 * 784, 3 * 784));
        assertThat(sample.normalized(0)[1]).isEqualTo(((1569 * 7 & 0xFF) / 255f - 0.1307f) / 0.3081f);
        assertThat(data.label(0)).isEqualTo(5);
        assertThat(FashionMnist.train(folder).classes()).contains("Ankle boot");
        assertThatThrownBy(() -> data.label(3)).hasMessageContaining("0 to 2");
    }

    @Test
    void looksWhereTorchvisionPutsFiles() throws IOException {
        Path raw = Files.createDirectories(folder.resolve("MNIST/raw"));
        Files.write(raw.resolve("t10k-images-idx3-ubyte"), idx(new byte[4], 1, 2, 2));
        Files.write(raw.resolve("t10k-labels-idx1-ubyte.gz"), packed(idx(new byte[1], 1)));
        assertThat(Mnist.test(folder).size()).isEqualTo(1);
    }

    @Test
    void readsOtherDataOfTheFormat() throws IOException {
        Path images = Files.write(folder.resolve("images"), idx(new byte[12], 2, 2, 3));
        Path labels = Files.write(folder.resolve("labels"), idx(new byte[] {1, 0}, 2));
        IdxImages data = IdxImages.of(images, labels, List.of("a", "b"), ChannelNormalization.scaling(1));
        assertThat(data.fields().get(0).shape().toArray()).containsExactly(1, 2, 3);
        String description = data.description();
        Files.write(labels, idx(new byte[] {1, 1}, 2));
        assertThat(IdxImages.of(images, labels, List.of("a", "b"), ChannelNormalization.scaling(1))
                        .description())
                .isNotEqualTo(description);
    }

    @Test
    void namesWhatIsMissing() {
        assertThatThrownBy(() -> Mnist.train(folder.resolve("none")))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("none", "does not exist", "Mnist.download", "train-images-idx3-ubyte.gz");
        assertThatThrownBy(() -> FashionMnist.test(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("t10k-images-idx3-ubyte.gz", "there is none", "FashionMnist.download");
        assertThatThrownBy(() -> Mnist.train(null)).hasMessageContaining("a directory, got null");
    }

    @Test
    void refusesDamagedFiles() throws IOException {
        byte[] good = idx(pixels(), 3, 28, 28);
        byte[] labels = idx(new byte[] {1, 2, 3}, 3);
        refuses(Arrays.copyOf(good, good.length - 1), labels, "should hold 2352 values", "holds 2351");
        refuses(Arrays.copyOf(good, good.length + 1), labels, "holds more than the 2352 values");
        refuses(Arrays.copyOf(good, 9), labels, "ends early");
        byte[] gz = packed(good);
        refuses(Arrays.copyOf(gz, gz.length / 2), labels, "ends early or is damaged");
        refuses("<html>not found</html>".getBytes(StandardCharsets.UTF_8), labels, "begins with 3c68746d");
        refuses(ByteBuffer.allocate(8).putInt(0x0D01).putInt(1).array(), labels, "unsigned bytes", "type 0d");
        refuses(idx(new byte[0], 3, -28, 28), labels, "[3, -28, 0]");
        refuses(idx(new byte[0], 1 << 20, 1 << 20, 1), labels, "2147483639 values");
        byte[] zeros = packed(idx(new byte[4 << 20], 4096, 1024, 1));
        refuses(zeros, labels, "[4096, 1024, 1], 4194304 values", "at most 1048576");
        refuses(labels, labels, "has 1 axes", "not the file of the labels");
        refuses(good, idx(new byte[] {1, 2}, 2), "a label for each of the 3 images", "[2]");
        refuses(good, idx(new byte[] {1, 2, 10}, 3), "labels from 0 to 9, and holds 10 for image 2");
    }

    private void refuses(byte[] images, byte[] labels, String... words) throws IOException {
        Files.write(folder.resolve("train-images-idx3-ubyte"), images);
        Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
        assertThatThrownBy(() -> Mnist.train(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(words);
    }
}
