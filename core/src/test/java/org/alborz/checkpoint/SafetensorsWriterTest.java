package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final SafetensorsEntry WEIGHT = new SafetensorsEntry("weight", SafetensorsType.F32, Shape.of(2));
    private static final SafetensorsEntry STEP = new SafetensorsEntry("step", SafetensorsType.I64, Shape.scalar());

    @TempDir
    Path directory;

    private Path target;

    @BeforeEach
    void nameTheTarget() {
        target = directory.resolve("model.safetensors");
    }

    @Test
    void writesTheBytesTheFormatAsksFor() throws IOException {
        save(1.5f);
        // SHA-256 as ContentDigest has it, made by another program.
        String digest = "85c11272a9234d31be0ef71eb741668feaa7a4509e15c37087db3248f3ad5562";
        String json = "{\"__metadata__\":{\"made by\":\"test\",\"alborz.digest\":\"" + digest + "\"},"
                + "\"step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
        int padded = (json.length() + 7) / 8 * 8;
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 16).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded).put((json + " ".repeat(padded - json.length())).getBytes(StandardCharsets.UTF_8));
        expected.putLong(7).putFloat(1.5f).putFloat(-1);
        assertThat(Files.readAllBytes(target)).isEqualTo(expected.array());
        assertThat(files()).containsExactly("model.safetensors");
    }

    @Test
    void readsBackEveryTypeAndSize() {
        // More than one chunk of each, and odd sizes, and bytes in front of wider elements.
        int n = 100_003;
        float[] floats = new float[n];
        double[] doubles = new double[n];
        int[] ints = new int[n];
        long[] longs = new long[n];
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
            floats[i] = Float.intBitsToFloat(i * 31_337);
            doubles[i] = Math.sqrt(i) * (i % 2 == 0 ? 1 : -1);
            ints[i] = i * 1_234_567;
            longs[i] = i * 1_234_567_890_123L;
            bytes[i] = (byte) i;
        }
        List<SafetensorsEntry> entries = List.of(
                new SafetensorsEntry("bytes", SafetensorsType.U8, Shape.of(n)),
                new SafetensorsEntry("floats", SafetensorsType.of(DType.FLOAT32), Shape.of(1, n, 1)),
                new SafetensorsEntry("empty", SafetensorsType.of(DType.FLOAT32), Shape.of(0, 5)),
                new SafetensorsEntry("doubles", SafetensorsType.of(DType.FLOAT64), Shape.of(n)),
                new SafetensorsEntry("half", SafetensorsType.of(DType.FLOAT16), Shape.of(3)),
                new SafetensorsEntry("ints", SafetensorsType.of(DType.INT32), Shape.of(n)),
                new SafetensorsEntry("longs \"quoted\" \n ü 😀", SafetensorsType.I64, Shape.of(n)));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "späße \" \\ \t");
        metadata.put("", "");
        try (SafetensorsWriter writer = SafetensorsWriter.create(target, metadata, entries)) {
            writer.write("longs \"quoted\" \n ü 😀", longs);
            writer.write("bytes", ByteBuffer.wrap(bytes));
            writer.write("floats", floats);
            writer.write("doubles", doubles);
            writer.write("half", ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}));
            writer.write("ints", ints);
            writer.write("empty", new float[0]);
            writer.commit();
        }
        float[] floatsRead = new float[n];
        double[] doublesRead = new double[n];
        int[] intsRead = new int[n];
        long[] longsRead = new long[n];
        byte[] bytesRead = new byte[n];
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertThat(file.metadata()).isEqualTo(metadata);
            assertThat(file.entries()).containsExactlyInAnyOrderElementsOf(entries);
            file.read("floats", floatsRead);
            file.read("doubles", doublesRead);
            file.read("ints", intsRead);
            file.read("longs \"quoted\" \n ü 😀", longsRead);
            file.read("bytes", ByteBuffer.wrap(bytesRead));
            ByteBuffer half = ByteBuffer.allocate(6);
            file.read("half", half);
            assertThat(half.array()).containsExactly(1, 2, 3, 4, 5, 6);
        }
        assertThat(Arrays.equals(bits(floatsRead), bits(floats))).isTrue();
        assertThat(Arrays.equals(doublesRead, doubles)).isTrue();
        assertThat(Arrays.equals(intsRead, ints)).isTrue();
        assertThat(Arrays.equals(longsRead, longs)).isTrue();
        assertThat(Arrays.equals(bytesRead, bytes)).isTrue();
    }

    @Test
    void dataBeginsAtAMultipleOfEightWhateverTheNames() throws IOException {
        for (int length = 1; length < 20; length++) {
            SafetensorsEntry entry = new SafetensorsEntry("n".repeat(length), SafetensorsType.U8, Shape.of(1));
            try (SafetensorsWriter writer = SafetensorsWriter.create(target, Map.of(), List.of(entry))) {
                writer.write(entry.name(), ByteBuffer.allocate(1));
                writer.commit();
            }
            assertThat((Files.size(target) - 1) % 8).isZero();
            SafetensorsFile.open(target).close();
        }
    }

    @Test
    void aFileWithoutTensorsWorks() {
        try (SafetensorsWriter writer = SafetensorsWriter.create(target, Map.of(), List.of())) {
            writer.commit();
        }
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertThat(file.entries()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void replacesTheEarlierFileOnlyAtCommit() throws IOException {
        save(1);
        byte[] before = Files.readAllBytes(target);
        try (SafetensorsWriter writer = begin(CheckpointOutput::create)) {
            writer.write("weight", new float[] {2, 2});
            writer.write("step", new long[] {8});
            assertThat(Files.readAllBytes(target)).isEqualTo(before);
            writer.commit();
        }
        assertThat(Files.readAllBytes(target)).isNotEqualTo(before);
        assertThat(files()).containsExactly("model.safetensors");
    }

    @Test
    void closingWithoutCommitLeavesTheEarlierFile() throws IOException {
        save(1);
        byte[] before = Files.readAllBytes(target);
        try (SafetensorsWriter writer = begin(CheckpointOutput::create)) {
            writer.write("weight", new float[] {2, 2});
            assertThat(files()).hasSize(2);
        }
        assertThat(Files.readAllBytes(target)).isEqualTo(before);
        assertThat(files()).containsExactly("model.safetensors");
    }

    @Test
    void aFullDiskLeavesTheEarlierFile() throws IOException {
        save(1);
        byte[] before = Files.readAllBytes(target);
        long size = before.length;
        // The disk is full after every possible number of bytes, or fails only when asked to synchronise or close.
        for (long room = 0; room < size + 2; room++) {
            long limit = room;
            assertThatThrownBy(() -> {
                        try (SafetensorsWriter writer =
                                begin(file -> new FullDisk(CheckpointOutput.create(file), limit, size))) {
                            writer.write("weight", new float[] {2, 2});
                            writer.write("step", new long[] {8});
                            writer.commit();
                        }
                    })
                    .as("room for %d bytes", limit)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("model.safetensors")
                    .hasMessageContaining("No space left on device")
                    .hasMessageContaining("needs " + size + " bytes")
                    .hasMessageContaining("bytes are free")
                    .hasMessageContaining("untouched")
                    .hasCauseInstanceOf(IOException.class);
            assertThat(Files.readAllBytes(target)).isEqualTo(before);
            assertThat(files()).containsExactly("model.safetensors");
        }
    }

    @Test
    void aFailedWriterCannotBeCommitted() throws IOException {
        save(1);
        long size = Files.size(target);
        Files.delete(target);
        SafetensorsWriter writer = begin(file -> new FullDisk(CheckpointOutput.create(file), 4, size));
        assertThatThrownBy(() -> writer.write("weight", new float[2])).isInstanceOf(CheckpointException.class);
        assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> writer.write("step", new long[1])).isInstanceOf(IllegalStateException.class);
        writer.close();
        assertThat(files()).isEmpty();
    }

    @Test
    void aMissingDirectoryIsNamed() {
        target = directory.resolve("nowhere").resolve("model.safetensors");
        assertThatThrownBy(() -> save(1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("create it first");
        target = directory;
        assertThatThrownBy(() -> save(1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is a directory");
    }

    @Test
    void whatWasDeclaredMustBeWrittenOnce() {
        try (SafetensorsWriter writer = begin(CheckpointOutput::create)) {
            assertThatThrownBy(() -> writer.write("bias", new float[2]))
                    .hasMessageContaining("'bias' was not declared");
            assertThatThrownBy(() -> writer.write("weight", new float[3]))
                    .hasMessageContaining("'weight' (F32 [2]) expects 2 elements of F32, got 3 of F32");
            assertThatThrownBy(() -> writer.write("weight", new double[2])).hasMessageContaining("got 2 of F64");
            assertThatThrownBy(() -> writer.write("weight", ByteBuffer.allocate(7)))
                    .hasMessageContaining("takes 8 bytes, got 7");
            writer.write("weight", new float[2]);
            assertThatThrownBy(() -> writer.write("weight", new float[2])).hasMessageContaining("already written");
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'step'");
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void refusesWhatCouldNotBeReadAgain() {
        for (String name : new String[] {"__metadata__", "n".repeat(5000), "\uD800"}) {
            SafetensorsEntry entry = new SafetensorsEntry(name, SafetensorsType.F32, Shape.of(1));
            assertThatThrownBy(() -> SafetensorsWriter.create(target, Map.of(), List.of(entry)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SafetensorsWriter.create(target, Map.of(), List.of(WEIGHT, STEP, WEIGHT)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("named 'weight'");
        assertThatThrownBy(
                        () -> SafetensorsWriter.create(target, Map.of("big", "x".repeat(2_000_000)), List.of(WEIGHT)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(files()).isEmpty();
    }

    private void save(float first) {
        try (SafetensorsWriter writer = begin(CheckpointOutput::create)) {
            writer.write("weight", new float[] {first, -1});
            writer.write("step", new long[] {7});
            writer.commit();
        }
    }

    private SafetensorsWriter begin(CheckpointOutput.Opener opener) {
        return SafetensorsWriter.create(target, Map.of("made by", "test"), List.of(WEIGHT, STEP), opener);
    }

    private List<String> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    /** Takes a number of bytes and then no more; with room for all, fails to synchronise, and with more, to close. */
    private record FullDisk(CheckpointOutput disk, long[] left, long size, long room) implements CheckpointOutput {
        FullDisk(CheckpointOutput disk, long room, long size) {
            this(disk, new long[] {room}, size, room);
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            int fits = (int) Math.min(left[0], bytes.remaining());
            left[0] -= fits;
            boolean all = fits == bytes.remaining();
            disk.write(bytes.limit(bytes.position() + fits), position);
            if (!all) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public void force() throws IOException {
            if (room == size) {
                throw new IOException("No space left on device");
            }
            disk.force();
        }

        @Override
        public void close() throws IOException {
            disk.close();
            if (room > size) {
                throw new IOException("No space left on device");
            }
        }
    }
}
