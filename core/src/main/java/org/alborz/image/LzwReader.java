package org.alborz.image;

import java.io.IOException;
import java.util.Arrays;

/**
 * The indices of a GIF image, packed as codes for strings seen before, in blocks of at most 255 bytes (GIF89a, appendix
 * F).
 */
final class LzwReader {
    private static final int MOST_CODES = 1 << 12;
    private static final int NONE = -1;

    /** Longer than any string. */
    private static final int FIRST_BYTES = 1 << 16;

    private final Input in;
    private final int clear;
    private final int[] prefix = new int[MOST_CODES];
    private final byte[] last = new byte[MOST_CODES];
    private final byte[] first = new byte[MOST_CODES];
    private final int[] length = new int[MOST_CODES];

    private int blockLeft;
    private boolean ended;
    private int bits;
    private int bitCount;
    private int codes;
    private int codeBits;
    private int before = NONE;

    /** Starts at the byte that tells the number of bits of the first codes. */
    LzwReader(Input in) throws IOException {
        this.in = in;
        int size = in.u8();
        if (size < 1 || size > 8) {
            throw new ImageException("its image data has codes of " + size + " bits, so it is damaged");
        }
        this.clear = 1 << size;
        for (int i = 0; i < clear; i++) {
            last[i] = (byte) i;
            first[i] = (byte) i;
            length[i] = 1;
        }
        reset();
    }

    /** Reads as many indices, and the blocks to their end. */
    byte[] read(int count) throws IOException {
        byte[] into = new byte[Math.min(count, FIRST_BYTES)];
        for (int at = 0; at < count; ) {
            int code = nextCode();
            if (code == clear) {
                reset();
                continue;
            }
            if (code == clear + 1) {
                throw new ImageException("its image data ends before its last row, so it is damaged");
            }
            learn(code);
            if (length[code] > count - at) {
                throw new ImageException("it holds more image data than its size says, so it is damaged");
            }
            if (length[code] > into.length - at) {
                // Memory is taken as data comes, which a small file lacks.
                into = Arrays.copyOf(into, (int) Math.min(count, 2L * into.length));
            }
            for (int i = at + length[code] - 1, rest = code; i >= at; i--) {
                into[i] = last[rest];
                rest = prefix[rest];
            }
            at += length[code];
            before = code;
        }
        while (!ended) {
            in.skip(blockLeft);
            nextBlock();
        }
        return into;
    }

    private void reset() {
        codes = clear + 2;
        codeBits = Integer.numberOfTrailingZeros(clear) + 1;
        before = NONE;
    }

    /** Adds the string before and the first index of this one's, which may be that very string. */
    private void learn(int code) throws ImageException {
        if (code > codes || code == codes && (before == NONE || codes == MOST_CODES)) {
            throw new ImageException("its image data has a code that was not made yet, so it is damaged");
        }
        if (before == NONE || codes == MOST_CODES) {
            return;
        }
        prefix[codes] = before;
        first[codes] = first[before];
        length[codes] = length[before] + 1;
        last[codes] = first[code];
        codes++;
        if (codes == 1 << codeBits && codes < MOST_CODES) {
            codeBits++;
        }
    }

    private int nextCode() throws IOException {
        while (bitCount < codeBits) {
            if (blockLeft == 0) {
                nextBlock();
            }
            if (ended) {
                throw new ImageException("its image data ends before its last row, so it is damaged");
            }
            bits |= in.u8() << bitCount;
            bitCount += 8;
            blockLeft--;
        }
        int code = bits & (1 << codeBits) - 1;
        bits >>>= codeBits;
        bitCount -= codeBits;
        return code;
    }

    private void nextBlock() throws IOException {
        blockLeft = in.u8();
        ended = blockLeft == 0;
    }
}
