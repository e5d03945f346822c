package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import org.junit.jupiter.api.Test;

class ElfPatchTest {
    private static final int STRINGS = 400;
    private static final int VERSIONS = 300;

    @Test
    void aNeededNameAndTheHashOfItsVersionChange() {
        byte[] library = library("\0mylibx.so.1\0libx.so.1\0");

        ByteBuffer patched = ByteBuffer.wrap(ElfPatch.replace(library, "libx.so.1", "libx.so.2"))
                .order(ByteOrder.LITTLE_ENDIAN);

        String strings = new String(patched.array(), STRINGS, 23, StandardCharsets.ISO_8859_1);
        assertThat(strings).isEqualTo("\0mylibx.so.1\0libx.so.2\0");
        assertThat(patched.getInt(VERSIONS + 16)).isEqualTo(ElfPatch.hash("libx.so.2"));
        assertThat(library).isEqualTo(library("\0mylibx.so.1\0libx.so.1\0"));
    }

    @Test
    void whatIsNotNeededIsRefused() {
        byte[] library = library("\0mylibx.so.1\0libx.so.1\0");

        assertThatThrownBy(() -> ElfPatch.replace(library, "libz.so.1", "libz.so.2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not need libz.so.1");
        assertThatThrownBy(() -> ElfPatch.replace(library, "libx.so.1", "libx.so.10"))
                .hasMessageContaining("same length");
        assertThatThrownBy(() -> ElfPatch.replace(new byte[100], "libx.so.1", "libx.so.2"))
                .hasMessageContaining("64-bit ELF");
        assertThatThrownBy(() -> ElfPatch.replace(Arrays.copyOf(library, STRINGS), "libx.so.1", "libx.so.2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cut off");
    }

    @Test
    void hashesAsTheSystemVAbiDoes() {
        assertThat(ElfPatch.hash("GLIBC_2.2.5")).isEqualTo(0x09691a75); // as readelf shows it in every library
    }

    /** The name stands once in the table of strings, and the version's hash is four bytes. */
    @Test
    void onlyTheVersionsPlacesChangeInJcudasNative() throws IOException {
        byte[] original;
        try (InputStream in = Pointer.class.getResourceAsStream("/lib/libJCublas2-12.6.0-linux-x86_64.so")) {
            original = in.readAllBytes();
        }

        byte[] patched = ElfPatch.replace(original, "libcublas.so.12", "libcublas.so.13");

        int changed = 0;
        for (int i = 0; i < original.length; i++) {
            changed += original[i] == patched[i] ? 0 : 1;
        }
        assertThat(changed).isEqualTo(2);
        assertThat(ElfPatch.replace(patched, "libcublas.so.13", "libcublas.so.12"))
                .isEqualTo(original);
    }

    /** Makes the least that counts as a library: one segment that maps the file as it is, and one needed library. */
    private static byte[] library(String strings) {
        ByteBuffer elf = ByteBuffer.allocate(450).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f)
                .put(4, (byte) 2)
                .putLong(32, 64)
                .putShort(54, (short) 56)
                .putShort(56, (short) 2);
        elf.putInt(64, 1).putLong(72, 0).putLong(80, 0).putLong(96, 450);
        elf.putInt(120, 2).putLong(128, 200).putLong(136, 200).putLong(152, 96);
        int name = strings.lastIndexOf("lib");
        long[] dynamic = {1, name, 5, STRINGS, 10, strings.length(), 0x6ffffffe, VERSIONS, 0x6fffffff, 1, 0, 0};
        for (int i = 0; i < dynamic.length; i++) {
            elf.putLong(200 + 8 * i, dynamic[i]);
        }
        elf.putShort(VERSIONS, (short) 1).putShort(VERSIONS + 2, (short) 1).putInt(VERSIONS + 8, 16);
        elf.putInt(VERSIONS + 16, ElfPatch.hash("libx.so.1")).putInt(VERSIONS + 24, name);
        elf.position(STRINGS).put(strings.getBytes(StandardCharsets.ISO_8859_1));
        return elf.array();
    }
}
