// What nobody chose in a filter stays out of its address, so that one sent to a colleague says what it shows.
export default function bareAddress(form) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
