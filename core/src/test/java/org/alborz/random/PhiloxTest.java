package org.alborz.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The known answers that the Random123 library publishes for philox4x32 with ten rounds. */
class PhiloxTest {
    @Test
    void zeros() {
        assertThat(block(0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    }

    @Test
    void ones() {
        assertThat(block(-1, -1, -1)).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    }

    @Test
    void digitsOfPi() {
        // counter words 243f6a88 85a308d3 13198a2e 03707344, key words a4093822 299f31d0, lowest first
        int[] words = block(0x299f31d0_a4093822L, 0x03707344_13198a2eL, 0x85a308d3_243f6a88L);
        assertThat(words).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void writesFourWordsWhereTold() {
        int[] words = new int[7];
        Philox.block(0, 0, 0, words, 2);
        assertThat(words).containsExactly(0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 0);
    }

    private static int[] block(long seed, long stream, long counter) {
        int[] words = new int[4];
        Philox.block(seed, stream, counter, words, 0);
        return words;
    }
}
