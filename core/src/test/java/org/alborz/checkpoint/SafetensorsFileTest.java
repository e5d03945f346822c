package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
    private static final String GOOD = "{\"__metadata__\":{\"made by\":\"hand\"},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"é\":{\"data_offsets\":[8,24],\"shape\":[2],\"dtype\":\"I64\"},"
            + "\"none\":{\"dtype\":\"F64\",\"shape\":[3,0],\"data_offsets\":[24,24]},"
            + "\"flag\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[24,25]}}";

    @TempDir
    Path directory;

    @Test
    void readsAFileMadeByHand() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(write(GOOD + "   ", goodData()))) {
            assertThat(file.metadata()).containsOnlyKeys("made by").containsValue("hand");
            assertThat(file.entries())
                    .extracting(SafetensorsEntry::name)
                    .containsExactlyInAnyOrder("b", "é", "none", "flag");
            assertThat(file.entry("b").shape().toArray()).containsExactly(2, 1);
            assertThat(file.entry("é").type()).isEqualTo(SafetensorsType.I64);
            assertThat(file.contains("none")).isTrue();
            assertThat(file.contains("nothing")).isFalse();
            float[] floats = new float[2];
            file.read("b", floats);
            assertThat(floats).containsExactly(1.5f, -2);
            long[] longs = new long[2];
            file.read("é", longs);
            assertThat(longs).containsExactly(-1, 1L << 40);
            file.read("none", new double[0]);
            ByteBuffer flag = ByteBuffer.allocate(1);
            file.read("flag", flag);
            assertThat(flag.get(0)).isEqualTo((byte) 7);
        }
    }

    @Test
    void namesWhatTheCallerExpectedAndTheFileHas() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(write(GOOD, goodData()))) {
            assertThatThrownBy(() -> file.entry("bias"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("no tensor 'bias'")
                    .hasMessageContaining("file.safetensors");
            assertThatThrownBy(() -> file.read("b", new float[3]))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("'b' to hold 3 elements of F32, got F32 [2, 1] with 2");
            assertThatThrownBy(() -> file.read("b", new int[2])).hasMessageContaining("2 elements of I32, got F32");
            assertThatThrownBy(() -> file.read("flag", ByteBuffer.allocate(2)))
                    .hasMessageContaining("takes 1 bytes, and the buffer has 2");
        }
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> SafetensorsFile.open(directory.resolve("gone.safetensors")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("gone.safetensors")
                .hasMessageContaining("check the path");
        assertThatThrownBy(() -> SafetensorsFile.open(directory)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void aFileThatShrinksWhileItIsReadIsNamed() throws IOException {
        Path path = write(GOOD, goodData());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            try (var channel = Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - 20);
            }
            assertThatThrownBy(() -> file.read("é", new long[2]))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("became shorter");
        }
    }

    static Stream<Arguments> hostileHeaders() {
        String f32 = "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]";
        return Stream.of(
                Arguments.of("[]", 0, "begin with '{'"),
                Arguments.of(" {}", 0, "begin with '{'"),
                Arguments.of("{", 0, "expected 2 to"),
                Arguments.of("{\"a\":{" + f32 + "}", 8, "not valid JSON"),
                Arguments.of("{\"a\":{" + f32 + "}} {}", 8, "goes on after its end"),
                Arguments.of("{\"a\":{" + f32 + "}}x", 8, "not valid JSON"),
                Arguments.of("{\"a\":7}", 0, "tensor 'a' should be an object"),
                Arguments.of(
                        "{\"a\":{" + f32 + "},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
                        16,
                        "appears twice"),
                Arguments.of("{\"a\":{" + f32 + ",\"dtype\":\"F32\"}}", 8, "key dtype twice"),
                Arguments.of("{\"a\":{" + f32 + ",\"extra\":1}}", 8, "key 'extra'"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "lacks data_offsets"),
                Arguments.of("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "lacks dtype"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                        8,
                        "'F31'; expected one of"),
                Arguments.of(
                        "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "dtype should be a string"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "holds -2"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", 8, "should be integers"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}", 8, "depth"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967297],\"data_offsets\":[0,4]}}",
                        4,
                        "sizes of at most"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}",
                        4,
                        "not valid JSON"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,4],\"data_offsets\":[0,8]}}",
                        8,
                        "exceeds 64 bits"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F64\",\"shape\":[2147483647,2147483647],\"data_offsets\":[0,8]}}",
                        8,
                        "exceeds 64 bits"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647],\"data_offsets\":[0,8589934588]}}",
                        8,
                        "from 0 to 8"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "takes 12 bytes"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "data_offsets [8, 0]"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, "data_offsets [0]"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", 8, "more than 2"),
                Arguments.of(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1" + ",1".repeat(40) + "],\"data_offsets\":[0,4]}}",
                        4,
                        "more than 16"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "a hole"),
                Arguments.of(
                        "{\"a\":{" + f32 + "},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                        12,
                        "an overlap"),
                Arguments.of("{\"a\":{" + f32 + "}}", 9, "no bytes after"),
                Arguments.of("{\"a\":{" + f32 + "}}", 7, "from 0 to 7"),
                Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__.'a' should be a string"),
                Arguments.of("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "appears twice"),
                Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "appears twice"),
                Arguments.of("{\"__metadata__\":[]}", 0, "an object of strings"),
                Arguments.of("{\"" + "n".repeat(5000) + "\":{" + f32 + "}}", 8, "not valid JSON"),
                Arguments.of("{" + "\"a\":{".repeat(3000), 0, "key 'a'"));
    }

    @ParameterizedTest
    @MethodSource("hostileHeaders")
    void refusesHostileHeaders(String header, int dataBytes, String message) throws IOException {
        Path path = write(header, new byte[dataBytes]);
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("file.safetensors")
                .hasMessageContaining(message)
                .hasMessageContaining("earlier checkpoint");
    }

    @Test
    void refusesTextThatIsNotUtf8() throws IOException {
        byte[] header = "{\"__metadata__\":{\"a\":\"x\"}}".getBytes(StandardCharsets.UTF_8);
        header[21] = (byte) 0xFF;
        assertThatThrownBy(() -> SafetensorsFile.open(write(header.length, header, new byte[0])))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not valid JSON");
    }

    @Test
    void refusesLengthsThatTheFileDoesNotHave() throws IOException {
        byte[] header = "{}".getBytes(StandardCharsets.UTF_8);
        for (long length : new long[] {-1, Long.MIN_VALUE, 0, 1, 3, 100_000_001, Long.MAX_VALUE, Long.MAX_VALUE - 7}) {
            Path path = write(length, header, new byte[0]);
            assertThatThrownBy(() -> SafetensorsFile.open(path))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(Long.toUnsignedString(length) + " bytes; expected 2 to 2");
        }
        for (int size = 0; size < 8; size++) {
            Path path = Files.write(directory.resolve("short"), new byte[size]);
            assertThatThrownBy(() -> SafetensorsFile.open(path)).hasMessageContaining("holds " + size + " bytes");
        }
    }

    @Test
    void refusesAHeaderThatCostsMoreThanItsFile() throws IOException {
        // 60,000 empty tensors: 3 MB of text that would become some 24 MB of objects.
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < 60_000; i++) {
            header.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(i)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        Path path = write(header.append('}').toString(), new byte[0]);
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("more memory than the file's size");
    }

    @Test
    void damagedFilesAreReadOrRefusedAndNothingElse() throws IOException {
        byte[] good = Files.readAllBytes(write(GOOD + "   ", goodData()));
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] damaged = good.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            refused += isRefused(damaged) ? 1 : 0;
        }
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = good.clone();
            int at = 8 + random.nextInt(damaged.length - 8);
            String text = "{}[]\",:0123456789eE+-. \\u\0\uFFFF";
            damaged[at] = (byte) text.charAt(random.nextInt(text.length()));
            refused += isRefused(damaged) ? 1 : 0;
        }
        for (int length = 0; length < good.length; length++) {
            assertThat(isRefused(java.util.Arrays.copyOf(good, length)))
                    .as("cut to %d", length)
                    .isTrue();
        }
        // Flips in the data and in names go unnoticed; most others do not.
        assertThat(refused).isBetween(3000, 5999);
    }

    private boolean isRefused(byte[] bytes) throws IOException {
        Path path = Files.write(directory.resolve("damaged"), bytes);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (SafetensorsEntry entry : file.entries()) {
                assertThat(entry.bytes()).isLessThanOrEqualTo(bytes.length);
                file.read(entry.name(), ByteBuffer.allocate((int) entry.bytes()));
            }
            return false;
        } catch (CheckpointException e) {
            return true;
        }
    }

    private static byte[] goodData() {
        ByteBuffer data = ByteBuffer.allocate(25).order(ByteOrder.LITTLE_ENDIAN);
        return data.putFloat(1.5f)
                .putFloat(-2)
                .putLong(-1)
                .putLong(1L << 40)
                .put((byte) 7)
                .array();
    }

    private Path write(String header, byte[] data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return write(text.length, text, data);
    }

    private Path write(long length, byte[] header, byte[] data) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(header).put(data);
        return Files.write(directory.resolve("file.safetensors"), bytes.array());
    }
}
