package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar100Test {
    @TempDir
    Path folder;

    private Path inner;

    private static String names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).collect(Collectors.joining("\n"));
    }

    @BeforeEach
    void write() throws IOException {
        inner = Files.createDirectories(folder.resolve("cifar-100-binary"));
        Files.writeString(inner.resolve("fine_label_names.txt"), names("fine", 100));
        Files.writeString(inner.resolve("coarse_label_names.txt"), names("coarse", 20));
        Files.write(inner.resolve("train.bin"), records(3));
    }

    private static byte[] records(int count) {
        byte[] bytes = new byte[count * 3074];
        for (int r = 0; r < count; r++) {
            bytes[r * 3074] = (byte) (19 - r);
            bytes[r * 3074 + 1] = (byte) (99 - r);
            for (int i = 0; i < 3072; i++) {
                bytes[r * 3074 + 2 + i] = (byte) (r + i / 1024 * 50 + i % 1024);
            }
        }
        return bytes;
    }

    @Test
    void readsBothLabelsAndTheImage() {
        Cifar100 data = new Cifar100(folder, "training", "train.bin", 3);
        assertThat(data.size()).isEqualTo(3);
        assertThat(data.classes()).hasSize(100).startsWith("fine0");
        assertThat(data.superclasses()).hasSize(20).endsWith("coarse19");
        Sample sample = Sample.of(data, 2);
        assertThat(sample.ints(1)).containsExactly(97);
        assertThat(sample.ints(2)).containsExactly(17);
        assertThat(data.label(1)).isEqualTo(98);
        for (int c = 0; c < 3; c++) {
            assertThat(sample.bytes(0)[(5 * 32 + 7) * 3 + c]).isEqualTo((byte) (2 + c * 50 + 5 * 32 + 7));
        }
        assertThat(sample.fields().get(0).normalization()).isEqualTo(Cifar100.NORMALIZATION);
    }

    @Test
    void namesWhatIsWrong() throws IOException {
        assertThatThrownBy(() -> Cifar100.train(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("153,700,000 bytes = 50,000 records of 3,074", "holds 9,222 bytes");
        assertThatThrownBy(() -> Cifar100.test(folder)).hasMessageContainingAll("test.bin", "there is none");
        byte[] damaged = records(3);
        damaged[3074 + 1] = 100;
        Files.write(inner.resolve("train.bin"), damaged);
        assertThatThrownBy(() -> new Cifar100(folder, "training", "train.bin", 3))
                .hasMessageContainingAll("record 1", "from 0 to 99 in byte 1", "has 100");
        Files.writeString(inner.resolve("coarse_label_names.txt"), names("coarse", 19));
        assertThatThrownBy(() -> new Cifar100(folder, "training", "train.bin", 3))
                .hasMessageContainingAll("20 class names", "holds 19");
    }
}
