/**
 * Finding, checking and loading NVIDIA's libraries and JCuda's natives.
 *
 * <p>{@code LibrarySearch} looks at files only, {@code Diagnosis} says what is missing and how to fix it, and only when nothing
 * is missing does {@code NativeLibraries} load anything.
 */
package org.alborz.cuda.natives;
