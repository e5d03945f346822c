package org.alborz.cpu.scalar;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.alborz.type.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test to be run with float32 and float64. */
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@EnumSource(
        value = DType.class,
        names = {"FLOAT32", "FLOAT64"})
@interface FloatingTypes {}
