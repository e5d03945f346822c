package org.alborz.data;

import java.util.Locale;

/** What a generated image shows; each is a class. Foreground covers background by a share from 0 to 1. */
enum Pattern {
    DISC {
        @Override
        float coverage(Scene s, float x, float y) {
            return x * x + y * y <= s.radius() * s.radius() ? 1 : 0;
        }
    },
    RING {
        @Override
        float coverage(Scene s, float x, float y) {
            float distance = (x * x + y * y) / (s.radius() * s.radius());
            return distance <= 1 && distance >= 0.36f ? 1 : 0;
        }
    },
    SQUARE {
        @Override
        float coverage(Scene s, float x, float y) {
            return Math.max(Math.abs(x), Math.abs(y)) <= 0.9f * s.radius() ? 1 : 0;
        }
    },
    CROSS {
        @Override
        float coverage(Scene s, float x, float y) {
            float far = Math.max(Math.abs(x), Math.abs(y));
            float near = Math.min(Math.abs(x), Math.abs(y));
            return far <= s.radius() && near <= 0.3f * s.radius() ? 1 : 0;
        }
    },
    TRIANGLE {
        @Override
        float coverage(Scene s, float x, float y) {
            return Math.abs(y) <= s.radius() && 2 * Math.abs(x) <= y + s.radius() ? 1 : 0;
        }
    },
    HORIZONTAL_STRIPES {
        @Override
        float coverage(Scene s, float x, float y) {
            return s.isOddCell(y) ? 1 : 0;
        }
    },
    VERTICAL_STRIPES {
        @Override
        float coverage(Scene s, float x, float y) {
            return s.isOddCell(x) ? 1 : 0;
        }
    },
    DIAGONAL_STRIPES {
        @Override
        float coverage(Scene s, float x, float y) {
            return s.isOddCell(0.7f * (x + s.slope() * y)) ? 1 : 0;
        }
    },
    CHECKERBOARD {
        @Override
        float coverage(Scene s, float x, float y) {
            return s.isOddCell(x) != s.isOddCell(y) ? 1 : 0;
        }
    },
    GRADIENT {
        @Override
        float coverage(Scene s, float x, float y) {
            float along = 0.5f + (x + s.slope() * y) / 48;
            return Math.max(0, Math.min(1, along));
        }
    };

    /** Returns the foreground's share at a place relative to the scene's centre, in pixels, y downwards. */
    abstract float coverage(Scene s, float x, float y);

    /** Returns the class's name, such as {@code horizontal stripes}. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
