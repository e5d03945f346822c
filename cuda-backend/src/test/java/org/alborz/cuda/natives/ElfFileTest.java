package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ElfFileTest {
    private static final int VERSIONS = 300;

    @Test
    void readsTheVersionsThatALibraryDefines() {
        assertThat(new ElfFile(library(2, 20)).definedVersions()).containsExactly("v", "v");
    }

    @Test
    @Timeout(300)
    void refusesVersionsThatDoNotFollowOneAnother() {
        for (int next : new int[] {0, -20}) {
            ElfFile file = new ElfFile(library(Long.MAX_VALUE, next));
            assertThatThrownBy(file::definedVersions)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("do not follow one another");
        }
    }

    /** Makes a library of versions that are {@code next} bytes apart. */
    private static ByteBuffer library(long versions, int next) {
        ByteBuffer elf = ByteBuffer.allocate(450).order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, Elf.MAGIC)
                .put(4, (byte) 2)
                .putLong(32, 64)
                .putShort(54, (short) 56)
                .putShort(56, (short) 2);
        elf.putInt(64, 1).putLong(72, 0).putLong(80, 0).putLong(96, 450);
        elf.putInt(120, 2).putLong(128, 200).putLong(152, 64);
        elf.putLong(200, ElfFile.STRINGS).putLong(208, 400);
        elf.putLong(216, ElfFile.VERSIONS_DEFINED).putLong(224, VERSIONS);
        elf.putLong(232, ElfFile.VERSIONS_DEFINED_COUNT).putLong(240, versions);
        elf.put(401, (byte) 'v');
        for (int at = VERSIONS; at <= VERSIONS + 20; at += 20) {
            elf.putInt(at + 12, VERSIONS + 60 - at).putInt(at + 16, next);
        }
        elf.putInt(VERSIONS + 60, 1);
        return elf;
    }
}
