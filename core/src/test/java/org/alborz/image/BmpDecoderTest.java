package org.alborz.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BmpDecoderTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_BYTE_INDEXED,
                BufferedImage.TYPE_BYTE_BINARY
            })
    void decodesWhatJavaWrites(int type) throws IOException {
        BufferedImage image = image(type);
        int[] bytes = Decoded.of(write(image)).bytes();
        for (int i = 0; i < 13 * 7; i++) {
            int[] stored = image.getRaster().getPixel(i % 13, i / 13, (int[]) null);
            for (int c = 0; c < 3; c++) {
                int expected = type == BufferedImage.TYPE_BYTE_GRAY
                        ? stored[0]
                        : image.getRGB(i % 13, i / 13) >> 16 - 8 * c & 0xFF;
                assertThat(bytes[i * 3 + c]).isEqualTo(expected);
            }
        }
    }

    @Test
    void dividesBitFieldsByTheirRange() throws IOException {
        // Two pixels of 5, 6 and 5 bits.
        byte[] fields = bmp(
                40,
                2,
                1,
                16,
                3,
                12,
                bytes -> bytes.putInt(0xF800)
                        .putInt(0x7E0)
                        .putInt(0x1F)
                        .putShort((short) (10 << 11 | 20 << 5 | 30))
                        .putShort((short) 0xFFFF));
        assertThat(Decoded.of(fields).rgb()).containsExactly(10 / 31f, 20 / 63f, 30 / 31f, 1, 1, 1);
        byte[] plain = bmp(
                40,
                2,
                -1,
                16,
                0,
                0,
                bytes -> bytes.putShort((short) (10 << 10 | 20 << 5 | 30)).putShort((short) 0));
        assertThat(Decoded.of(plain).rgb()).containsExactly(10 / 31f, 20 / 31f, 30 / 31f, 0, 0, 0);
    }

    @Test
    void laysAlphaOverWhiteWhereTheFileHasIt() throws IOException {
        // Without a field for it, the fourth byte says nothing.
        byte[] without = bmp(40, 1, 1, 32, 0, 0, bytes -> bytes.putInt(0x00102030));
        assertThat(Decoded.of(without).bytes()).containsExactly(0x10, 0x20, 0x30);
        byte[] with = bmp(
                56,
                1,
                1,
                32,
                3,
                16,
                bytes -> bytes.putInt(0xFF0000)
                        .putInt(0xFF00)
                        .putInt(0xFF)
                        .putInt(0xFF000000)
                        .putInt(0x33102030));
        float alpha = 0x33 / 255f;
        assertThat(Decoded.of(with).rgb())
                .containsExactly(
                        1 + alpha * (0x10 / 255f - 1), 1 + alpha * (0x20 / 255f - 1), 1 + alpha * (0x30 / 255f - 1));
    }

    @Test
    void readsTheOldestHeader() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(14 + 12 + 6 + 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {'B', 'M'}).putInt(0).putInt(0).putInt(32).putInt(12);
        bytes.putShort((short) 2).putShort((short) 1).putShort((short) 1).putShort((short) 1);
        bytes.put(new byte[] {1, 2, 3, 4, 5, 6}).put(new byte[] {0b1000000, 0, 0, 0});
        assertThat(Decoded.of(bytes.array()).bytes()).containsExactly(3, 2, 1, 6, 5, 4);
    }

    @Test
    void refusesWhatIsCutOffAnywhere() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_INDEXED}) {
            byte[] whole = write(image(type));
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> Decoded.of(cut), "%d bytes", length).isInstanceOf(ImageException.class);
            }
        }
    }

    @Test
    void refusesDamagedHeaders() {
        assertRefused(bmp(41, 1, 1, 7, 0, 4, bytes -> {}), "7 bits");
        assertRefused(bmp(40, 1, 1, 8, 1, 4, bytes -> {}), "compression 1");
        assertRefused(bmp(40, 1, 1, 0, 4, 4, bytes -> {}), "compression 4");
        assertRefused(bmp(20, 1, 1, 24, 0, 4, bytes -> {}), "20 bytes");
        assertRefused(bmp(40, 1 << 30, 1, 24, 0, 4, bytes -> {}), "pixels");
        assertRefused(bmp(40, 1, Integer.MIN_VALUE, 24, 0, 4, bytes -> {}), "pixels");
        assertRefused(bmp(40, 0, 0, 24, 0, 4, bytes -> {}), "pixels");
        assertRefused(bmp(40, -1, 1, 24, 0, 4, bytes -> {}), "pixels");
        assertRefused(bmp(40, 1, 1, 24, 0, -10, bytes -> {}), "inside its header");
        assertRefused(
                bmp(40, 1, 1, 16, 3, 12, bytes -> bytes.putInt(0x5).putInt(2).putInt(8)), "bit fields");
        assertRefused(
                bmp(40, 1, 1, 16, 3, 12, bytes -> bytes.putInt(3).putInt(2).putInt(8)), "bit fields");
        assertRefused(
                bmp(40, 1, 1, 32, 3, 12, bytes -> bytes.putInt(0).putInt(2).putInt(8)), "bit fields");
    }

    private interface Content {
        void put(ByteBuffer bytes);
    }

    /** Returns a file whose pixels start {@code gap} bytes after the header. */
    private static byte[] bmp(int header, int width, int height, int depth, int compression, int gap, Content content) {
        ByteBuffer bytes = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        boolean inside = header > 40;
        bytes.put(new byte[] {'B', 'M'}).putInt(200).putInt(0).putInt(14 + (inside ? 40 : header) + gap);
        bytes.putInt(header).putInt(width).putInt(height).putShort((short) 1).putShort((short) depth);
        bytes.putInt(compression).putInt(0).putInt(0).putInt(0).putInt(0).putInt(0);
        content.put(bytes);
        return bytes.array();
    }

    private static void assertRefused(byte[] file, String reason) {
        assertThatThrownBy(() -> Decoded.of(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining(reason);
    }

    private static BufferedImage image(int type) {
        BufferedImage image = new BufferedImage(13, 7, type);
        Random random = new Random(type);
        for (int i = 0; i < 13 * 7; i++) {
            image.setRGB(i % 13, i / 13, random.nextInt());
        }
        return image;
    }

    private static byte[] write(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, "bmp", out)).isTrue();
        return out.toByteArray();
    }
}
