/* The one floating-point type of tensors: float, or double in `make VARIANT=f64`, where gradient
 * checks are strict. */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#ifdef GRADUS_F64
typedef double real;
#define REAL_NAME "f64"
#else
typedef float real;
#define REAL_NAME "f32"
#endif

#endif
