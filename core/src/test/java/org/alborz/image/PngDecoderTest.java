package org.alborz.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PngDecoderTest {
    private static final int WIDTH = 11;
    private static final int HEIGHT = 9;

    @ParameterizedTest(name = "colour type {0}, {1} bits")
    @CsvSource({
        "0, 1", "0, 2", "0, 4", "0, 8", "0, 16", "2, 8", "2, 16", "4, 8", "4, 16", "6, 8", "6, 16", "3, 1", "3, 2",
        "3, 4", "3, 8"
    })
    void takesSamplesAsTheyAreStored(int colourType, int depth) throws IOException {
        int channels = new int[] {1, 0, 3, 1, 2, 0, 4}[colourType];
        int max = (1 << depth) - 1;
        byte[] palette = new byte[3 << Math.min(8, depth)];
        new Random(1).nextBytes(palette);
        for (boolean interlaced : new boolean[] {false, true}) {
            int[] samples = new Random(depth)
                    .ints(WIDTH * HEIGHT * channels, 0, max + 1)
                    .toArray();
            PngBytes png = new PngBytes().header(WIDTH, HEIGHT, depth, colourType, interlaced ? 1 : 0);
            // Says nothing about samples: a gamma of 1, as of linear light, and a profile that is none.
            png.chunk("gAMA", new byte[] {0, 1, (byte) 0x86, (byte) 0xA0}).chunk("iCCP", new byte[] {'x', 0, 0, 1});
            if (colourType == 3) {
                png.chunk("PLTE", palette);
            }
            byte[] file = png.chunk(
                            "IDAT", PngBytes.deflate(PngBytes.scanlines(WIDTH, HEIGHT, depth, interlaced, samples)))
                    .chunk("IEND")
                    .bytes();
            Decoded image = Decoded.of(file);
            assertThat(new int[] {image.width(), image.height()}).containsExactly(WIDTH, HEIGHT);
            for (int i = 0; i < WIDTH * HEIGHT; i++) {
                float alpha = channels % 2 == 0 ? samples[i * channels + channels - 1] / (float) max : 1;
                for (int c = 0; c < 3; c++) {
                    float expected = colourType == 3
                            ? (palette[samples[i] * 3 + c] & 0xFF) / 255f
                            : samples[i * channels + (channels < 3 ? 0 : c)] / (float) max;
                    if (alpha != 1) {
                        expected = 1 + alpha * (expected - 1);
                    }
                    assertThat(image.rgb()[i * 3 + c]).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 6, 10, 12})
    void decodesWhatJavaWrites(int type) throws IOException {
        BufferedImage image = new BufferedImage(40, 30, type);
        for (int i = 0; i < 1200; i++) {
            image.setRGB(i % 40, i / 40, 0xFF000000 | i * 70000 + i);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        int[] bytes = Decoded.of(out.toByteArray()).bytes();
        for (int i = 0; i < 1200; i++) {
            int[] stored = image.getRaster().getPixel(i % 40, i / 40, (int[]) null);
            int rgb = image.getRGB(i % 40, i / 40);
            for (int c = 0; c < 3; c++) {
                int expected = type == BufferedImage.TYPE_BYTE_GRAY ? stored[0] : rgb >> 16 - 8 * c & 0xFF;
                assertThat(bytes[i * 3 + c]).isEqualTo(expected);
            }
        }
    }

    @Test
    void undoesEveryFilter() throws IOException {
        // Rows of 4 grey pixels, as the PNG specification filters 1 2 3 4, 5 5 5 5, 9 8 7 6, 1 2 4 8, 7 7 7 9.
        byte[] lines = {
            0, 1, 2, 3, 4, 1, 5, 0, 0, 0, 2, 4, 3, 2, 1, 3, 1 - 4, 2 - 4, 4 - 4, 8 - 5, 4, 7 - 1, 0, 0, 9 - 8
        };
        byte[] file = new PngBytes()
                .header(4, 5, 8, 0, 0)
                .chunk("IDAT", PngBytes.deflate(lines))
                .chunk("IEND")
                .bytes();
        int[] grey = new int[20];
        for (int i = 0; i < 20; i++) {
            grey[i] = Decoded.of(file).bytes()[i * 3];
        }
        assertThat(grey).containsExactly(1, 2, 3, 4, 5, 5, 5, 5, 9, 8, 7, 6, 1, 2, 4, 8, 7, 7, 7, 9);
    }

    @Test
    void laysTransparentColoursOverWhite() throws IOException {
        byte[] data = PngBytes.deflate(new byte[] {0, 10, 20});
        PngBytes grey = new PngBytes().header(2, 1, 8, 0, 0).chunk("tRNS", new byte[] {0, 20});
        assertThat(Decoded.of(grey.chunk("IDAT", data).chunk("IEND").bytes()).bytes())
                .containsExactly(10, 10, 10, 255, 255, 255);
        PngBytes rgb = new PngBytes().header(2, 1, 8, 2, 0).chunk("tRNS", new byte[] {0, 1, 0, 2, 0, 3});
        byte[] colours = PngBytes.deflate(new byte[] {0, 1, 2, 3, 1, 2, 4});
        assertThat(Decoded.of(rgb.chunk("IDAT", colours).chunk("IEND").bytes()).bytes())
                .containsExactly(255, 255, 255, 1, 2, 4);
        PngBytes palette = new PngBytes()
                .header(2, 1, 8, 3, 0)
                .chunk("PLTE", new byte[] {1, 2, 3, 4, 5, 6})
                .chunk("tRNS", new byte[] {0});
        byte[] indices = PngBytes.deflate(new byte[] {0, 1, 0});
        assertThat(Decoded.of(palette.chunk("IDAT", indices).chunk("IEND").bytes())
                        .bytes())
                .containsExactly(4, 5, 6, 255, 255, 255);
    }

    @Test
    void refusesWhatIsCutOffAnywhere() {
        byte[] whole = PngBytes.image(
                7, 5, 2, 8, false, new Random(2).ints(105, 0, 256).toArray());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Decoded.of(cut), "%d bytes", length).isInstanceOf(ImageException.class);
        }
    }

    @Test
    void refusesAnyChangedBit() {
        for (boolean interlaced : new boolean[] {false, true}) {
            byte[] whole = PngBytes.image(
                    7, 5, 0, 4, interlaced, new Random(2).ints(35, 0, 16).toArray());
            for (int bit = 0; bit < whole.length * 8; bit++) {
                byte[] changed = whole.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertThatThrownBy(() -> Decoded.of(changed), "bit %d", bit).isInstanceOf(ImageException.class);
            }
        }
    }

    @Test
    void refusesMoreOrLessDataThanTheSizeSays() {
        for (int bytes : new int[] {0, 1, 11, 13, 100_000_000}) {
            byte[] file = new PngBytes()
                    .header(5, 2, 8, 0, 0)
                    .chunk("IDAT", PngBytes.deflate(new byte[bytes]))
                    .chunk("IEND")
                    .bytes();
            assertThatThrownBy(() -> Decoded.of(file))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining(bytes < 12 ? "before its last row" : "more image data");
        }
    }

    @Test
    void unpacksNoTextOrProfile() throws IOException {
        byte[] bomb = PngBytes.deflate(new byte[100_000_000]);
        byte[] chunk = new byte[bomb.length + 3];
        chunk[0] = 'x';
        System.arraycopy(bomb, 0, chunk, 3, bomb.length);
        byte[] file = new PngBytes()
                .header(1, 1, 8, 0, 0)
                .chunk("iCCP", chunk)
                .chunk("zTXt", chunk)
                .chunk("IDAT", PngBytes.deflate(new byte[] {0, 77}))
                .chunk("zTXt", chunk)
                .chunk("IEND")
                .bytes();
        assertThat(Decoded.of(file).bytes()).containsExactly(77, 77, 77);
    }

    @Test
    void refusesChunksThatAreOutOfPlace() {
        byte[] data = PngBytes.deflate(new byte[] {0, 0});
        byte[] colour = {1, 2, 3};
        assertRefused(new PngBytes().chunk("IEND"), "header");
        assertRefused(new PngBytes().chunk("IHDR", new byte[12]), "header");
        assertRefused(new PngBytes().header(1, 1, 8, 0, 0).chunk("IEND"), "no image data");
        assertRefused(new PngBytes().header(1, 1, 8, 3, 0).chunk("IDAT", data), "no palette");
        assertRefused(new PngBytes().header(1, 1, 8, 3, 0).chunk("PLTE"), "palette");
        assertRefused(new PngBytes().header(1, 1, 8, 3, 0).chunk("PLTE", new byte[4]), "palette");
        assertRefused(new PngBytes().header(1, 1, 8, 3, 0).chunk("PLTE", new byte[999]), "PLTE");
        assertRefused(new PngBytes().header(1, 1, 8, 2, 0).chunk("tRNS", new byte[5]), "transparent colour");
        assertRefused(new PngBytes().header(1, 1, 8, 0, 0).chunk("CgBI"), "CgBI");
        assertRefused(new PngBytes().header(1, 1, 8, 0, 0).chunk("\u001b[2J"), "no chunk");
        PngBytes twice =
                new PngBytes().header(1, 1, 8, 3, 0).chunk("PLTE", colour).chunk("PLTE", colour);
        assertRefused(twice, "palette");
        PngBytes apart = new PngBytes()
                .header(1, 1, 8, 0, 0)
                .chunk("IDAT", data)
                .chunk("tEXt")
                .chunk("IDAT", data)
                .chunk("IEND");
        assertRefused(apart, "IDAT");
        PngBytes outside = new PngBytes()
                .header(1, 1, 8, 3, 0)
                .chunk("PLTE", colour)
                .chunk("IDAT", PngBytes.deflate(new byte[] {0, 1}))
                .chunk("IEND");
        assertRefused(outside, "colour 1 of a palette of 1");
        for (int[] kind : new int[][] {{8, 1, 0}, {3, 0, 0}, {16, 3, 0}, {4, 2, 0}, {8, 0, 2}, {8, 7, 0}, {0, 0, 0}}) {
            assertRefused(new PngBytes().header(1, 1, kind[0], kind[1], kind[2]), "kind of pixels");
        }
    }

    @Test
    void refusesSizesBeforeItTakesMemory() {
        for (int[] size : new int[][] {
            {100_000_000, 1}, {1, 100_000_000}, {65_536, 1}, {50_000, 50_000}, {0, 1}, {-1, 5}, {1 << 31, 1 << 31}
        }) {
            assertRefused(new PngBytes().header(size[0], size[1], 8, 2, 1), "pixels");
        }
    }

    @Test
    void readsTheLongestSidesAndIgnoresWhatFollows() throws IOException {
        byte[] wide = PngBytes.image(65_535, 1, 0, 1, false, new int[65_535]);
        byte[] followed = Arrays.copyOf(wide, wide.length + 1000);
        assertThat(Decoded.of(followed).width()).isEqualTo(65_535);
        assertThat(Decoded.of(PngBytes.image(1, 65_535, 6, 16, true, new int[4 * 65_535]))
                        .height())
                .isEqualTo(65_535);
    }

    private static void assertRefused(PngBytes png, String reason) {
        assertThatThrownBy(() -> Decoded.of(png.bytes()))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining(reason)
                .hasMessageMatching("[ -~]*");
    }
}
