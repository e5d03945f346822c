package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
    private static final int RECORDS = 3;
    private static final String NAMES = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";

    @TempDir
    Path directory;

    @Test
    void readsRecordsChannelsLastAndNormalised() throws IOException {
        writeFiles(directory, RECORDS, "one.bin", "two.bin");
        Cifar10 data = new Cifar10(directory, "training", List.of("one.bin", "two.bin"), RECORDS);
        assertThat(data.size()).isEqualTo(6);
        assertThat(data.fields().get(0).shape().toArray()).containsExactly(3, 32, 32);
        assertThat(data.classes())
                .hasSize(10)
                .startsWith("airplane", "automobile")
                .endsWith("truck");
        assertThat(data.description()).contains("CIFAR-10").contains("6 images");
        float[] mean = {0.4914f, 0.4822f, 0.4465f};
        float[] std = {0.2470f, 0.2435f, 0.2616f};
        for (int i = 0; i < 6; i++) {
            Sample sample = Sample.of(data, i);
            assertThat(sample.ints(1)).containsExactly((i % RECORDS * 3 + i / RECORDS) % 10);
            for (int c = 0; c < 3; c++) {
                for (int h = 0; h < 32; h++) {
                    for (int w = 0; w < 32; w++) {
                        float brightness = value(i / RECORDS, i % RECORDS, c, h, w) / 255f;
                        assertThat(sample.normalized(0)[(h * 32 + w) * 3 + c])
                                .isCloseTo((brightness - mean[c]) / std[c], within(1e-6f));
                    }
                }
            }
        }
        Sample sample = Sample.of(data.fields());
        assertThatThrownBy(() -> data.read(6, sample)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> data.read(-1, sample)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void looksIntoTheArchivesFolder() throws IOException {
        Path inner = Files.createDirectory(directory.resolve("cifar-10-batches-bin"));
        writeFiles(inner, RECORDS, "one.bin");
        assertThat(new Cifar10(directory, "test", List.of("one.bin"), RECORDS).size())
                .isEqualTo(RECORDS);
    }

    @Test
    void namesAMissingDirectory() {
        assertThatThrownBy(() -> Cifar10.train(directory.resolve("nowhere")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("does not exist")
                .hasMessageContaining("binary version")
                .hasMessageContaining("--data generated");
    }

    @Test
    void namesAMissingFile() throws IOException {
        assertThatThrownBy(() -> Cifar10.test(directory)).hasMessageContaining("batches.meta.txt");
        Files.writeString(directory.resolve("batches.meta.txt"), NAMES);
        assertThatThrownBy(() -> Cifar10.test(directory))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("test_batch.bin")
                .hasMessageContaining("30,730,000 bytes = 10,000 records of 3,073")
                .hasMessageContaining("--data generated");
        assertThatThrownBy(() -> Cifar10.train(directory)).hasMessageContaining("data_batch_1.bin");
    }

    @Test
    void namesATruncatedFile() throws IOException {
        writeFiles(directory, 2, "one.bin");
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("one.bin")
                .hasMessageContaining("9,219 bytes = 3 records of 3,073")
                .hasMessageContaining("holds 6,146 bytes")
                .hasMessageContaining("binary version");
        writeFiles(directory, 4, "one.bin");
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .hasMessageContaining("holds 12,292 bytes");
    }

    @Test
    void namesAWrongLabel() throws IOException {
        writeFiles(directory, RECORDS, "one.bin");
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("one.bin").toFile(), "rw")) {
            file.seek(2 * 3073);
            file.write(200);
        }
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("one.bin")
                .hasMessageContaining("record 2")
                .hasMessageContaining("from 0 to 9")
                .hasMessageContaining("200");
    }

    @Test
    void namesAWrongNumberOfClasses() throws IOException {
        writeFiles(directory, RECORDS, "one.bin");
        Files.writeString(directory.resolve("batches.meta.txt"), "cat\ndog\n");
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("10 class names")
                .hasMessageContaining("holds 2");
    }

    @Test
    void readsNoMoreOfTheNamesThanNamesTake() throws IOException {
        writeFiles(directory, RECORDS, "one.bin");
        try (RandomAccessFile names =
                new RandomAccessFile(directory.resolve("batches.meta.txt").toFile(), "rw")) {
            names.setLength(3L << 30);
        }
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("batches.meta.txt has 3,221,225,472 bytes; at most 4,096 are read");
    }

    @Test
    void refusesNamesThatCannotBePrinted() throws IOException {
        writeFiles(directory, RECORDS, "one.bin");
        for (String name : new String[] {"\u001b[2J", "a\u202eb", "a\u2028b", "a\u2069", "n".repeat(101)}) {
            Files.writeString(directory.resolve("batches.meta.txt"), NAMES.replace("cat", name));
            assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("at most 100 printable characters")
                    .hasMessageMatching("[ -~…]*");
        }
        Files.writeString(directory.resolve("batches.meta.txt"), NAMES.replace("cat", "dog"));
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("got 'dog' twice");
        Files.write(directory.resolve("batches.meta.txt"), new byte[] {(byte) 0xFF, (byte) 0xFE, 10});
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("10 class names");
    }

    @Test
    @Timeout(300)
    void refusesWhatIsNoRegularFile() throws Exception {
        writeFiles(directory, RECORDS, "one.bin");
        Files.createDirectory(directory.resolve("two.bin"));
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("two.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("two.bin")
                .hasMessageContaining("no regular file");
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/zero")), "SKIPPED: no devices and pipes here");
        Files.createSymbolicLink(directory.resolve("link.bin"), directory.resolve("one.bin"));
        assertThat(new Cifar10(directory, "test", List.of("link.bin"), RECORDS).size())
                .isEqualTo(RECORDS);
        Files.createSymbolicLink(directory.resolve("zero.bin"), Path.of("/dev/zero"));
        Path pipe = directory.resolve("pipe.bin");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        for (String name : new String[] {"zero.bin", "pipe.bin"}) {
            assertThatThrownBy(() -> new Cifar10(directory, "test", List.of(name), RECORDS))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining(name)
                    .hasMessageContaining("no regular file");
        }
        Files.delete(directory.resolve("batches.meta.txt"));
        Files.move(pipe, directory.resolve("batches.meta.txt"));
        assertThatThrownBy(() -> new Cifar10(directory, "test", List.of("one.bin"), RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no regular file");
    }

    @Test
    void escapesThePath() {
        assertThatThrownBy(() -> Cifar10.train(directory.resolve("a\u001b[2J\nb")))
                .isInstanceOf(DataException.class)
                .hasMessageMatching("[ -~]*");
    }

    @Test
    void readsTheRealFiles() {
        String place = System.getenv("ALBORZ_CIFAR10");
        Assumptions.assumeTrue(
                place != null,
                "SKIPPED: the real CIFAR-10 is not tested; set ALBORZ_CIFAR10 to the directory of its binary version");
        Cifar10 train = Cifar10.train(Path.of(place));
        Cifar10 test = Cifar10.test(Path.of(place));
        assertThat(train.size()).isEqualTo(50_000);
        assertThat(test.size()).isEqualTo(10_000);
        assertBalanced(train, 5_000);
        assertBalanced(test, 1_000);
        // Normalised with the training set's own statistics: mean 0 and standard deviation 1 in each channel.
        double[] sum = new double[3];
        double[] squares = new double[3];
        Sample memory = Sample.of(train.fields());
        for (int i = 0; i < train.size(); i += 10) {
            memory.read(train, i);
            float[] sample = memory.normalized(0);
            for (int j = 0; j < 3072; j++) {
                sum[j % 3] += sample[j];
                squares[j % 3] += (double) sample[j] * sample[j];
            }
        }
        double values = train.size() / 10 * 1024.0;
        for (int c = 0; c < 3; c++) {
            assertThat(sum[c] / values).isCloseTo(0, within(0.02));
            assertThat(Math.sqrt(squares[c] / values)).isCloseTo(1, within(0.02));
        }
    }

    private static void assertBalanced(Dataset data, int expected) {
        int[] counts = new int[10];
        for (int i = 0; i < data.size(); i++) {
            counts[Sample.of(data, i).ints(1)[0]]++;
        }
        assertThat(counts).containsOnly(expected);
    }

    private static int value(int file, int record, int c, int h, int w) {
        return (file * 101 + record * 57 + c * 31 + h * 7 + w * 3) & 0xFF;
    }

    private static void writeFiles(Path directory, int records, String... files) throws IOException {
        Files.writeString(directory.resolve("batches.meta.txt"), NAMES);
        for (int f = 0; f < files.length; f++) {
            byte[] bytes = new byte[records * 3073];
            int at = 0;
            for (int r = 0; r < records; r++) {
                bytes[at++] = (byte) ((r * 3 + f) % 10);
                for (int c = 0; c < 3; c++) {
                    for (int p = 0; p < 1024; p++) {
                        bytes[at++] = (byte) value(f, r, c, p / 32, p % 32);
                    }
                }
            }
            Files.write(directory.resolve(files[f]), bytes);
        }
    }
}
