#!/bin/sh
# Fails when a file under src/ includes a layer that it may not know.
allowed() {
    case $1 in
    base) echo base ;;
    tensor) echo base tensor ;;
    autograd) echo base tensor autograd ;;
    io) echo base io ;;
    nn) echo base tensor autograd io nn ;;
    tokenizer) echo base io tokenizer ;;
    embed) echo base tensor io embed ;;
    train) echo base tensor autograd nn io tokenizer embed train ;;
    lesson) echo base tensor autograd nn io tokenizer embed train lesson ;;
    cli) echo base tensor autograd nn io tokenizer embed train lesson cli ;;
    esac
}

status=0
for layer in base tensor autograd io nn tokenizer embed train lesson cli; do
    pattern=$(allowed "$layer" | tr ' ' '|')
    if grep -rnE '^#include "' src/$layer | grep -vE "#include \"($pattern)/"; then
        echo "layers: $layer may include only: $(allowed "$layer")" >&2
        status=1
    fi
done
[ $status -eq 0 ] && echo "layers: every arrow points the right way"
exit $status
